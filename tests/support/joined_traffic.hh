#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <variant>

#include "emulator/tunnel/join_event.hh"

namespace violin::testing {

// One end of a link as the data path sees it: which keys it sends under and which it still
// receives, by nothing but the events of joining.
class JoinedTraffic {
 public:
  void take(const JoinEvent& event) {
    if (const auto* keys = std::get_if<NewKeys>(&event)) {
      received_[keys->session.receive_session] = {*keys, ++newest_, Time::never()};
      if (keys->send_at_once) sending_ = keys->session.send_session;
    } else if (const auto* confirmed = std::get_if<KeysConfirmed>(&event)) {
      const Session& now = received_.at(confirmed->receive_session);
      for (auto& [number, session] : received_) {
        if (session.order < now.order && session.drop_at == Time::never()) {
          session.drop_at = confirmed->drop_former_at;
        }
      }
      if (!now.keys.send_at_once) sending_ = now.keys.session.send_session;
    } else if (const auto* abandoned = std::get_if<KeysAbandoned>(&event)) {
      received_.erase(abandoned->receive_session);
    } else if (std::holds_alternative<PortClosed>(event)) {
      received_.clear();
      sending_.reset();
    }
  }
  // The session to send under; nothing while there is none.
  std::optional<uint64_t> sending() const { return sending_; }
  bool receives(uint64_t session, Time now) {
    std::erase_if(received_, [&](const auto& one) { return one.second.drop_at <= now; });
    return received_.contains(session);
  }
  size_t sessions_held() const { return received_.size(); }

 private:
  struct Session {
    NewKeys keys;
    int order = 0;
    Time drop_at;
  };
  std::map<uint64_t, Session> received_;
  std::optional<uint64_t> sending_;
  int newest_ = 0;
};

}  // namespace violin::testing
