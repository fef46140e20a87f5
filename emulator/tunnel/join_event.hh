#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/time.hh"
#include "emulator/tunnel/join_session.hh"
#include "emulator/tunnel/udp_endpoint.hh"

// What joining tells whoever carries the datagrams of a link. The initiator's request alone can be
// replayed; so the responder receives under new keys at once, but sends under them only when the
// initiator has shown that it has them. Until then both ends keep what they had:
//
//     NewKeys         receive under the new keys, too. An initiator (`send_at_once`) sends under
//                     them from now on; a responder goes on as before, or is silent if there was
//                     nothing before.
//     KeysConfirmed   send under these keys, to the peer of their NewKeys; what is still under way
//                     under former keys is received until `drop_former_at`.
//     KeysAbandoned   forget these keys, which were never confirmed.
//     PortClosed      forget everything of the link; its port may be closed.
//
// At most three sessions of a link are held at a time: the confirmed one, the one before it, and
// the newest.

namespace violin {

struct NewKeys {
  uint32_t port = 0;  // which link, by the number its owner gave it
  JoinSession session;
  UdpEndpoint peer;  // where the other end's datagrams go
  bool send_at_once = false;
};

struct KeysConfirmed {
  uint32_t port = 0;
  uint64_t receive_session = 0;  // of the keys
  Time drop_former_at;
};

struct KeysAbandoned {
  uint32_t port = 0;
  uint64_t receive_session = 0;
};

enum class PortEnding {
  kLeft,         // the initiator left, or asked to and was heard
  kUnanswered,   // the initiator left, and nobody answered
  kUnconfirmed,  // the initiator never showed that it has the keys
  kSilent,       // no new keys for longer than keys may live
};

struct PortClosed {
  uint32_t port = 0;
  PortEnding ending = PortEnding::kLeft;
};

enum class JoinFailure {
  kNoAnswer,          // to any request
  kUnreadableAnswer,  // there were answers, but of another key: the violin's key is not theirs
  kRefused,           // by the responder; `text` says why
  kBadResponderKey,   // a key that gives no secrets
};

// An attempt to join was given up. With `retry_at` it will be made again then, and the keys at hand
// stay in use; without, nothing happens until somebody starts again.
struct JoinFailed {
  uint32_t port = 0;
  JoinFailure failure = JoinFailure::kNoAnswer;
  std::string text;
  Time retry_at = Time::never();
};

using JoinEvent = std::variant<NewKeys, KeysConfirmed, KeysAbandoned, PortClosed, JoinFailed>;

struct ControlDatagram {
  UdpEndpoint to;
  std::vector<std::byte> bytes;
};

// What an end of a join wants done: datagrams to be sent from its control port, and what happened.
struct JoinOutput {
  std::vector<ControlDatagram> send;
  std::vector<JoinEvent> events;
};

}  // namespace violin
