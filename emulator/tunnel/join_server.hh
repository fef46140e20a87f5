#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/drop_reason.hh"
#include "core/time.hh"
#include "emulator/tunnel/join_event.hh"
#include "emulator/tunnel/join_guard.hh"
#include "emulator/tunnel/join_payload.hh"
#include "emulator/tunnel/join_port.hh"
#include "emulator/tunnel/noise_handshake.hh"

namespace violin {

struct JoinServerCounters {
  uint64_t accepted = 0;
  uint64_t repeated = 0;  // requests that were answered with the same bytes again
  uint64_t refused = 0;
  uint64_t cookies = 0;
  uint64_t notices = 0;
  // Copies of requests that were taken before: those whose keys are confirmed are met with silence,
  // for who confirmed them has the answer; older ones are among those refused, too.
  uint64_t replayed = 0;
  // Met with silence.
  uint64_t malformed = 0;
  uint64_t unauthentic = 0;
  uint64_t unknown_peer = 0;
  uint64_t too_many = 0;

  // The last five, by the reasons that results know.
  DropCounters drops() const;
};

// The responding end of the joins of one overlay host. Who may join which link of which violin is
// known beforehand, and all that is held is bounded by that: nothing a stranger sends makes it
// grow, and nothing unauthenticated is answered but with a rate-limited cookie. No answer is longer
// than what it answers. A state machine: it is told what came and what time it is.
class JoinServer {
 public:
  static constexpr size_t kPortsMax = 65536;

  // Opens the UDP port where the datagrams of a link will come in, when its first request is
  // accepted; nothing when that is not possible. It stays open until PortClosed.
  using OpenDataPort = std::function<std::optional<uint16_t>(uint32_t port)>;

  JoinServer(const KeyPair& own, const JoinGuardOptions& guard, OpenDataPort open,
             SecretSource secrets);

  // `key` is shared by all members of the violin.
  void add_violin(const std::string& name, const SecretKey& key);
  // The holder of `link.peer` may join this link. Gives the number by which events name it. The
  // violin was added before; a link is admitted once.
  uint32_t admit(JoinLink link);

  // A datagram came to the control port.
  JoinOutput receive(std::span<const std::byte> datagram, const UdpEndpoint& from, Time now);
  // A datagram of the link was authentic under the keys of this session; only the first of a
  // session matters.
  JoinOutput data_received(uint32_t port, uint64_t receive_session, Time now);
  // What is due at `now`; nothing before deadline().
  JoinOutput expire(Time now);
  Time deadline() const;

  size_t ports_open() const;
  const JoinServerCounters& counters() const { return counters_; }

 private:
  // A request that Noise has authenticated.
  struct Joiner {
    const JoinMessage& message;
    const NoiseResponder& noise;
    const UdpEndpoint& from;
    JoinRequest wanted;
  };

  void receive_request(const JoinMessage& message, const UdpEndpoint& from, Time now,
                       JoinOutput& output);
  void receive_notice(const JoinMessage& message, const UdpEndpoint& from, Time now,
                      JoinOutput& output);
  // False when it is no copy of a request whose answer is at hand.
  bool take_copy(const JoinMessage& message, const UdpEndpoint& from, JoinOutput& output);
  void decide(const Joiner& joiner, const PublicKey& peer, Time now, JoinOutput& output);
  void accept(const Joiner& joiner, JoinPort& port, uint32_t number, Time now, JoinOutput& output);
  void refuse(const Joiner& joiner, JoinRefusal reason, std::string_view text, JoinOutput& output);
  // The one way by which a port's sessions change, so that `answered_` and `deadlines_` follow.
  template <typename Change>
  void change(uint32_t number, Change&& change);

  KeyPair own_;
  JoinGuard guard_;
  OpenDataPort open_;
  SecretSource secrets_;
  std::map<std::string, SecretKey> violins_;
  std::vector<JoinPort> ports_;                                    // by number
  std::map<std::pair<std::string, std::string>, uint32_t> links_;  // by violin and link
  std::set<std::pair<PublicKey, std::string>> members_;            // who may join what of a violin
  std::map<JoinDigest, uint32_t> answered_;  // ports by the request whose answer is at hand
  std::set<std::pair<Time, uint32_t>> deadlines_;
  JoinServerCounters counters_;
};

}  // namespace violin
