#pragma once

#include <cstdint>
#include <vector>

#include "emulator/tunnel/join_message.hh"
#include "emulator/tunnel/noise_symmetric_state.hh"
#include "emulator/tunnel/secret_key.hh"

namespace violin {

enum class JoinEnd { kInitiator, kResponder };

// What one end of a joined link has from the handshake: a key and an unguessable number, never 0,
// for the datagrams of each direction, and a key for notices about the session.
struct JoinSession {
  SecretKey send_key;
  SecretKey receive_key;
  uint64_t send_session = 0;  // TunnelHeader::session
  uint64_t receive_session = 0;
  SecretKey notice_key;

  JoinSession() = default;
  JoinSession(const NoiseKeys& keys, JoinEnd end);

  // The datagram of a notice (JoinMessage::is_notice) to the end whose index this is. It is always
  // the same, so that repeating it changes nothing.
  std::vector<std::byte> notice(JoinMessageType type, uint32_t index) const;
  // True when `message` is a notice that the other end of this session made.
  bool check_notice(const JoinMessage& message) const;
};

}  // namespace violin
