#include "emulator/tunnel/join_port.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {

void JoinPort::accept(Accepted accepted, Time now, JoinOutput& output) {
  CHECK(is_open());
  abandon_pending(output);
  timestamp_ = accepted.timestamp;
  answered_ = accepted.request;
  answer_ = std::move(accepted.answer);
  output.events.emplace_back(NewKeys{
      .port = number_, .session = accepted.session, .peer = accepted.peer, .send_at_once = false});
  pending_ = Held{accepted.session, accepted.initiator_index, now + kHalfOpenMax};
}

void JoinPort::data_received(uint64_t receive_session, Time now, JoinOutput& output) {
  if (pending_ && pending_->session.receive_session == receive_session) confirm(now, output);
}

void JoinPort::confirm(Time now, JoinOutput& output) {
  output.events.emplace_back(
      KeysConfirmed{number_, pending_->session.receive_session, now + kFormerKeysGrace});
  confirmed_ = std::move(pending_);
  confirmed_->until = now + kKeysMax;
  pending_.reset();
}

std::optional<std::vector<std::byte>> JoinPort::receive_notice(const JoinMessage& message, Time now,
                                                               JoinOutput& output) {
  const auto is_of = [&](const std::optional<Held>& held) {
    return held && held->session.check_notice(message);
  };
  const auto answer_of = [](const Held& held, JoinMessageType type) {
    return held.session.notice(type, held.initiator_index);
  };
  if (message.type == JoinMessageType::kConfirm) {
    if (is_of(pending_)) {
      confirm(now, output);
    } else if (!is_of(confirmed_)) {
      return std::nullopt;
    }
    return answer_of(*confirmed_, JoinMessageType::kConfirmAnswer);
  }
  if (message.type != JoinMessageType::kLeave) return std::nullopt;
  if (is_of(pending_) || is_of(confirmed_)) {
    std::optional<Held> leaving = is_of(pending_) ? pending_ : confirmed_;
    close(PortEnding::kLeft, output);
    left_ = std::move(leaving);
    left_->until = now + kLeftMax;
  } else if (!is_of(left_)) {
    return std::nullopt;
  }
  return answer_of(*left_, JoinMessageType::kLeaveAnswer);
}

void JoinPort::close(PortEnding ending, JoinOutput& output) {
  confirmed_.reset();
  pending_.reset();
  forget_answer();
  data_port_ = 0;
  output.events.emplace_back(PortClosed{number_, ending});
}

void JoinPort::abandon_pending(JoinOutput& output) {
  if (!pending_) return;
  output.events.emplace_back(KeysAbandoned{number_, pending_->session.receive_session});
  pending_.reset();
  forget_answer();
}

void JoinPort::forget_answer() {
  answered_.reset();
  answer_.clear();
}

void JoinPort::expire(Time now, JoinOutput& output) {
  if (left_ && now >= left_->until) left_.reset();
  if (confirmed_ && now >= confirmed_->until) {
    confirmed_.reset();
    if (!pending_) close(PortEnding::kSilent, output);
  }
  if (pending_ && now >= pending_->until) {
    if (confirmed_) {
      abandon_pending(output);
    } else {
      close(PortEnding::kUnconfirmed, output);
    }
  }
}

Time JoinPort::deadline() const {
  Time earliest = Time::never();
  for (const auto* held : {&confirmed_, &pending_, &left_}) {
    if (*held) earliest = std::min(earliest, (*held)->until);
  }
  return earliest;
}

}  // namespace violin
