#include <algorithm>
#include <string>
#include <utility>

#include "emulator/tunnel/join_client.hh"

namespace violin {
namespace {

JoinMac mac1_at_end(const std::vector<std::byte>& request) {
  JoinMac mac;
  std::copy(request.end() - static_cast<std::ptrdiff_t>(mac.size()), request.end(), mac.begin());
  return mac;
}

}  // namespace

JoinOutput JoinClient::receive(std::span<const std::byte> datagram, Time now) {
  JoinOutput output;
  const std::optional<JoinMessage> message = JoinMessage::read(datagram);
  bool ours = false;
  if (message && message->index == options_.index) {
    switch (message->type) {
      case JoinMessageType::kAnswer:
        ours = receive_answer(*message, now, output);
        break;
      case JoinMessageType::kRefusal:
        ours = receive_refusal(*message, now, output);
        break;
      case JoinMessageType::kCookie:
        ours = receive_cookie(*message, now, output);
        break;
      case JoinMessageType::kConfirmAnswer:
      case JoinMessageType::kLeaveAnswer:
        ours = receive_notice(*message, now, output);
        break;
      case JoinMessageType::kRequest:
      case JoinMessageType::kConfirm:
      case JoinMessageType::kLeave:
        break;  // a responder gets these
    }
  }
  if (!ours) ++ignored_;
  return output;
}

bool JoinClient::receive_answer(const JoinMessage& message, Time now, JoinOutput& output) {
  if (state_ != State::kJoining || !to_us_.check_mac1(message)) return false;
  const auto read = noise_->read_answer(message.body, options_.violin_key);
  const auto answer = read ? JoinAnswer::read(read->payload) : std::nullopt;
  if (!answer) {
    ++unreadable_;
    return false;
  }
  if (session_ && !confirmed_) {
    output.events.emplace_back(KeysAbandoned{options_.index, session_->receive_session});
  }
  session_ = JoinSession(read->keys, JoinEnd::kInitiator);
  confirmed_ = false;
  noise_.reset();
  responder_index_ = answer->index;
  output.events.emplace_back(NewKeys{.port = options_.index,
                                     .session = *session_,
                                     .peer = {options_.control.address, answer->data_port},
                                     .send_at_once = true});
  // The link may have nothing to send, and the responder waits to hear something under the keys.
  state_ = State::kConfirming;
  attempts_ = 0;
  wait_ = kFirstWait;
  send_notice(JoinMessageType::kConfirm, now, output);
  return true;
}

bool JoinClient::receive_refusal(const JoinMessage& message, Time now, JoinOutput& output) {
  if (state_ != State::kJoining || !to_us_.check_mac1(message)) return false;
  // The violin may be what the responder does not know: a refusal is made with a key of zeroes. Who
  // answered is proven by the static keys all the same.
  const auto read = noise_->read_answer(message.body, SecretKey());
  const auto refused = read ? JoinRefused::read(read->payload) : std::nullopt;
  if (!refused) return false;
  std::string text(to_string(refused->reason));
  if (!refused->text.empty()) text += ": " + refused->text;
  give_up(JoinFailure::kRefused, std::move(text), now, output);
  return true;
}

bool JoinClient::receive_cookie(const JoinMessage& message, Time now, JoinOutput& output) {
  if (state_ != State::kJoining) return false;
  const auto cookie = to_responder_.open_cookie(message, mac1_at_end(request_));
  if (!cookie) return false;
  cookie_ = cookie;
  cookie_until_ = now + kCookieLifetime;
  // At once, but only one for each that was sent without, or cookies could be played against us.
  if (!sent_with_cookie_ && attempts_ < kAttempts) send_request(now, output);
  return true;
}

bool JoinClient::receive_notice(const JoinMessage& message, Time now, JoinOutput& output) {
  if (!session_ || !session_->check_notice(message)) return false;
  if (message.type == JoinMessageType::kConfirmAnswer) {
    confirm(now, output);
  } else if (state_ == State::kLeaving) {
    finish_leaving(PortEnding::kLeft, output);
  }
  return true;
}

}  // namespace violin
