#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/scheduler.hh"
#include "models/node/icmp.hh"
#include "models/node/ip_node.hh"

namespace violin {

struct PingSpec {
  std::string name;  // of the workload; the echo identifier is made of it
  IpAddress target;  // IPv4
  uint32_t count = 10;
  Duration interval = Duration::seconds(1);
  uint32_t size = 56;  // data bytes in each request, without headers: at most 65 507
  Duration timeout = Duration::seconds(1);  // a reply later than this is a loss
  IpSendOptions ip;
};

// One request. Sequence numbers are the index into Ping::records(), modulo 2^16 on the wire.
struct PingRecord {
  Time sent;
  std::optional<Duration> rtt;  // nothing: lost, or outstanding
};

// The sending half of a ping workload; every node answers echo requests by itself. Sends `count`
// requests `interval` apart, whether answered or not, and measures round trips from its own table
// of send times: nothing about time is in the packets.
//
// A round trip counts from the moment the request is made, as iputils' ping has it, so the first
// one contains the wait for address resolution (ARP) at every hop that did not know its neighbour;
// so may those that were sent before the first reply was back, for they queued up behind it. What
// is above the idle path of such a request is therefore not all queueing (neighbours_known).
//
// At any instant a request is answered, lost or outstanding: records().size() = received() +
// lost() + outstanding().
class Ping final : private TimerTarget, private EchoUser {
 public:
  static constexpr uint32_t kCountMax = 10'000'000;
  static constexpr uint32_t kSizeMax = 65'535 - 28;

  // Bad values in `spec` are bugs of the caller (a scenario is checked when it is read).
  Ping(IpNode& node, PingSpec spec);
  ~Ping();

  // Sends the first request at `at`.
  void start(Time at) { timer_.arm(at); }
  // Sends no more; replies are still taken.
  void stop() { timer_.cancel(); }

  const PingSpec& spec() const { return spec_; }
  const std::vector<PingRecord>& records() const { return records_; }
  uint64_t received() const { return received_; }
  uint64_t duplicates() const { return duplicates_; }  // further replies to an answered request
  uint64_t late() const { return late_; }              // replies after the timeout
  uint64_t errors() const { return errors_; }          // ICMP errors about our requests
  // Requests that count as lost once everything at `end` has happened: those whose timeout had
  // passed without a reply.
  uint64_t lost(Time end) const;
  // Requests whose time for an answer goes beyond `end`: neither answered nor lost by then.
  uint64_t outstanding(Time end) const;
  // Whether the request was sent when a reply had been all the way, so that no hop had to ask for
  // an address any more.
  bool neighbours_known(const PingRecord& record) const { return record.sent >= first_reply_; }

 private:
  void expire(Timer&, Time now) override;
  void receive_echo_reply(uint16_t sequence, const IpReceived& ip, Time now) override;
  void receive_echo_error(uint16_t, const IcmpError&, Time) override { ++errors_; }

  IpNode& node_;
  PingSpec spec_;
  uint16_t identifier_;
  Timer timer_;
  std::vector<PingRecord> records_;
  Time first_reply_ = Time::never();
  uint64_t received_ = 0;
  uint64_t duplicates_ = 0;
  uint64_t late_ = 0;
  uint64_t errors_ = 0;
};

}  // namespace violin
