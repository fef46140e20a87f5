#include "emulator/tunnel/tunnel_session.hh"

namespace violin {

TunnelSession::TunnelSession(const JoinSession& keys, Encryption encryption,
                             const SocketAddress& to)
    : send_session(keys.send_session), receive_session(keys.receive_session), peer(to) {
  if (encryption == Encryption::kNone) return;
  sealer.emplace(encryption, keys.send_key);
  opener.emplace(encryption, keys.receive_key);
}

}  // namespace violin
