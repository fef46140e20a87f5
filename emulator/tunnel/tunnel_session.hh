#pragma once

#include <cstdint>
#include <optional>

#include "emulator/os/udp_socket.hh"
#include "emulator/tunnel/datagram_cipher.hh"
#include "emulator/tunnel/join_session.hh"
#include "models/tunnel/replay_window.hh"
#include "models/tunnel/tunnel_reassembly.hh"

namespace violin {

// What one end of a tunnel has for as long as a pair of keys lives.
struct TunnelSession {
  TunnelSession(const JoinSession& keys, Encryption encryption, const SocketAddress& to);

  uint64_t send_session;
  uint64_t receive_session;
  std::optional<DatagramSealer> sealer;  // nothing when the violin's datagrams are plain
  std::optional<DatagramOpener> opener;
  ReplayWindow replays;
  TunnelReassembly reassembly;
  uint64_t next_counter = 0;
  bool heard = false;  // a datagram of it was authentic
  SocketAddress peer;  // where its datagrams go
};

}  // namespace violin
