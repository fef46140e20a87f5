#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/addresses.hh"
#include "core/frame.hh"
#include "core/time.hh"
#include "emulator/results/workload_result.hh"

namespace violin {

// The ICMP echo requests of one program to one address (RFC 792, RFC 4443: one identifier), seen at
// the interfaces of the machine that it runs in.
struct EchoConversation {
  struct Request {
    Time sent;
    std::optional<Time> answered;  // by the first reply
  };
  IpAddress to;
  uint16_t identifier = 0;
  std::vector<Request> requests;  // by number in the order sent: the first one's is `first_number`
  uint16_t first_number = 0;
};

// When echo requests left a machine, and when their replies came: round trips of the network, in
// which the machine itself has no part.
class EchoTimes {
 public:
  // Beyond these, what else there is is not noted.
  static constexpr size_t kConversationsMax = 4096;
  static constexpr size_t kRequestsMax = 10'000'000;

  void sent(const Frame& frame, Time now) { look(frame, now, true); }
  void received(const Frame& frame, Time now) { look(frame, now, false); }
  // By first request.
  const std::vector<EchoConversation>& conversations() const { return conversations_; }

 private:
  void look(const Frame& frame, Time now, bool outgoing);
  EchoConversation* find(const IpAddress& to, uint16_t identifier);
  void note_request(const IpAddress& to, uint16_t identifier, uint16_t number, Time now);
  void note_reply(const IpAddress& from, uint16_t identifier, uint16_t number, Time now);

  std::vector<EchoConversation> conversations_;
  size_t requests_ = 0;
};

// Puts in place of the round trips that a program printed those that were seen at its machine's
// port, and keeps its own beside them. Probes that it counted as lost stay lost.
void retime(const EchoConversation& seen, PingResult& ping);

}  // namespace violin
