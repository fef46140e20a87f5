#include "emulator/tunnel/join_client.hh"

#include <algorithm>
#include <string>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

// Up to 1/`parts` of a span, by chance.
Duration some_of(Random& random, Duration span, int64_t parts) {
  return Duration::nanoseconds(
      static_cast<int64_t>(random.below(static_cast<uint64_t>(span.ns() / parts))));
}

}  // namespace

JoinClient::JoinClient(Options options, Random random, SecretSource secrets)
    : options_(std::move(options)),
      random_(random),
      secrets_(std::move(secrets)),
      to_responder_(options_.responder),
      to_us_(options_.own.open) {
  CHECK(is_join_name(options_.violin) && is_join_name(options_.link));
  CHECK_COMPARE(options_.data_port, !=, 0);
}

JoinOutput JoinClient::start(Time now) {
  JoinOutput output;
  if (state_ == State::kIdle) begin(now, output);
  return output;
}

void JoinClient::begin(Time now, JoinOutput& output) {
  state_ = State::kJoining;
  attempts_ = 0;
  wait_ = kFirstWait;
  unreadable_ = 0;
  timestamp_ = std::max(timestamp_ + 1, options_.timestamp_base + static_cast<uint64_t>(now.ns()));
  const auto header = join_header(JoinMessageType::kRequest, options_.index);
  noise_.emplace(NoiseInitiator::Options{options_.own, options_.responder, header});
  const JoinRequest request{options_.violin, options_.link, timestamp_, options_.encryption,
                            options_.data_port};
  const auto body = noise_->write_request(SecretKey::generate(secrets_), request.write());
  if (!body) {
    give_up(JoinFailure::kBadResponderKey, "the responder's public key gives no secrets", now,
            output);
    return;
  }
  request_ = join_message_start(JoinMessageType::kRequest, options_.index, *body);
  to_responder_.append_mac1(request_);
  send_request(now, output);
}

void JoinClient::wait_for_answer(Time now) {
  ++attempts_;
  deadline_ = now + wait_ + some_of(random_, wait_, 4);
  wait_ = std::min(wait_ * 2, kLongestWait);
}

void JoinClient::send_request(Time now, JoinOutput& output) {
  if (cookie_ && now >= cookie_until_) cookie_.reset();
  std::vector<std::byte> datagram = request_;
  JoinMacKeys::append_mac2(datagram, cookie_);
  sent_with_cookie_ = cookie_.has_value();
  output.send.push_back({options_.control, std::move(datagram)});
  wait_for_answer(now);
}

void JoinClient::send_notice(JoinMessageType type, Time now, JoinOutput& output) {
  output.send.push_back({options_.control, session_->notice(type, responder_index_)});
  wait_for_answer(now);
}

JoinOutput JoinClient::data_received(uint64_t receive_session, Time now) {
  JoinOutput output;
  if (session_ && session_->receive_session == receive_session) confirm(now, output);
  return output;
}

void JoinClient::confirm(Time now, JoinOutput& output) {
  if (confirmed_) return;
  confirmed_ = true;
  output.events.emplace_back(
      KeysConfirmed{options_.index, session_->receive_session, now + kFormerKeysGrace});
  if (state_ != State::kConfirming) return;
  state_ = State::kJoined;
  deadline_ = now + kKeysLifetime - some_of(random_, kKeysLifetime, 10);
}

JoinOutput JoinClient::datagrams_counted(uint64_t counter, Time now) {
  JoinOutput output;
  if (state_ == State::kJoined && counter >= kCounterMax) begin(now, output);
  return output;
}

JoinOutput JoinClient::leave(Time now) {
  JoinOutput output;
  if (state_ == State::kIdle || state_ == State::kLeaving) return output;
  noise_.reset();
  if (!session_) {
    // If the responder accepted us, it will notice that nothing is confirmed.
    finish_leaving(PortEnding::kLeft, output);
    return output;
  }
  state_ = State::kLeaving;
  attempts_ = 0;
  wait_ = kFirstWait;
  send_notice(JoinMessageType::kLeave, now, output);
  return output;
}

void JoinClient::finish_leaving(PortEnding ending, JoinOutput& output) {
  state_ = State::kIdle;
  deadline_ = Time::never();
  session_.reset();
  confirmed_ = false;
  output.events.emplace_back(PortClosed{options_.index, ending});
}

void JoinClient::give_up(JoinFailure failure, std::string text, Time now, JoinOutput& output) {
  noise_.reset();
  state_ = session_ ? State::kJoined : State::kIdle;
  deadline_ = session_ ? now + kRetryPause : Time::never();
  output.events.emplace_back(JoinFailed{options_.index, failure, std::move(text), deadline_});
}

JoinOutput JoinClient::expire(Time now) {
  JoinOutput output;
  if (now < deadline_) return output;
  switch (state_) {
    case State::kIdle:
      break;
    case State::kJoining:
      // A cookie that brought no answer may have been made before the responder was started again.
      if (sent_with_cookie_) cookie_.reset();
      if (attempts_ < kAttempts) {
        send_request(now, output);
      } else if (unreadable_ > 0) {
        give_up(JoinFailure::kUnreadableAnswer,
                "answers cannot be read: the violin's key is another there", now, output);
      } else {
        give_up(JoinFailure::kNoAnswer, "no answer to " + std::to_string(attempts_) + " requests",
                now, output);
      }
      break;
    case State::kConfirming:
      if (attempts_ < kAttempts) {
        send_notice(JoinMessageType::kConfirm, now, output);
      } else {
        begin(now, output);
      }
      break;
    case State::kJoined:
      begin(now, output);
      break;
    case State::kLeaving:
      if (attempts_ < kLeaveAttempts) {
        send_notice(JoinMessageType::kLeave, now, output);
      } else {
        finish_leaving(PortEnding::kUnanswered, output);
      }
      break;
  }
  return output;
}

}  // namespace violin
