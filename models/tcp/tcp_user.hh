#pragma once

#include <cstdint>
#include <string_view>

#include "core/payload.hh"
#include "core/time.hh"

namespace violin {

class TcpConnection;

// How a connection ended.
enum class TcpOutcome : uint8_t {
  kClosed,       // both directions closed and acknowledged
  kRefused,      // RST in answer to our SYN
  kReset,        // RST later
  kTimedOut,     // too many retransmissions without an answer
  kUnreachable,  // the same, and an ICMP error had said why
  kAborted,      // by our own user
  kNodeDown,     // the node went down; nothing was sent
};

// "closed", "refused" …, as in flows.csv.
std::string_view name_of(TcpOutcome outcome);

// Who uses a connection: told what happens to it, in the event in which it happens. A user may call
// the connection from inside any of these except closed().
class TcpUser {
 public:
  // The handshake is complete. The first call on an active connection; a passive one is announced
  // by TcpAcceptor::accept instead.
  virtual void connected(TcpConnection& connection, Time now) = 0;
  // In-order bytes arrived; `offset` counts bytes from the start of the peer's stream.
  virtual void received(TcpConnection& connection, const Payload& bytes, int64_t offset,
                        Time now) = 0;
  // The send buffer, full before, has a third or more of its room free again.
  virtual void writable(TcpConnection& connection, Time now) = 0;
  // Every byte written so far was acknowledged by the peer.
  virtual void all_acknowledged(TcpConnection& connection, Time now) = 0;
  // The peer has closed its direction (FIN, in order); ours is open until close() is called.
  virtual void peer_closed(TcpConnection& connection, Time now) = 0;
  // The last call: the connection must not be touched any more.
  virtual void closed(TcpConnection& connection, TcpOutcome outcome, Time now) = 0;

 protected:
  ~TcpUser() = default;
};

// Who waits for connections at a port.
class TcpAcceptor {
 public:
  // A handshake at the port is complete. The user returned is that of the connection.
  virtual TcpUser& accept(TcpConnection& connection, Time now) = 0;

 protected:
  ~TcpAcceptor() = default;
};

}  // namespace violin
