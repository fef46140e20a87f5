#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/scheduler.hh"
#include "models/node/icmp.hh"
#include "models/node/ip_node.hh"

namespace violin {

struct TracerouteSpec {
  std::string name;  // of the workload; the source port is made of it
  IpAddress target;  // IPv4
  int hops_max = 30;
  Duration timeout = Duration::seconds(3);
  uint32_t size = 32;  // data bytes in each probe, as Van Jacobson's has: 60 with headers
};

struct TracerouteProbe {
  std::optional<IpAddress> from;  // nothing: no answer in time
  Duration rtt;
};

// Finds the way to a target as Van Jacobson's traceroute does: UDP datagrams to ports nobody
// listens at, three for each TTL from 1 on; routers on the way say that the time is exceeded, the
// target that the port is unreachable. One probe at a time: the next leaves when the last one was
// answered or its timeout passed. Ends at the target, at any other "unreachable", or at hops_max.
class Traceroute final : private TimerTarget, private IcmpErrorUser {
 public:
  static constexpr int kProbesPerHop = 3;
  static constexpr uint16_t kFirstPort = 33'434;
  using Hop = std::array<TracerouteProbe, kProbesPerHop>;

  Traceroute(IpNode& node, TracerouteSpec spec);
  ~Traceroute();

  void start(Time at) { timer_.arm(at); }

  const TracerouteSpec& spec() const { return spec_; }
  // By TTL from 1 on. The last may still be under way.
  const std::vector<Hop>& hops() const { return hops_; }
  bool finished() const { return finished_; }
  bool reached() const { return reached_; }

 private:
  void expire(Timer&, Time now) override;
  void receive_icmp_error(const IcmpError& error, Time now) override;
  void next_probe(Time now);
  void send_probe(Time now);
  uint16_t probe_port() const {
    return static_cast<uint16_t>(kFirstPort + (hops_.size() - 1) * kProbesPerHop + probe_);
  }

  IpNode& node_;
  TracerouteSpec spec_;
  uint16_t source_port_;
  Timer timer_;
  std::vector<Hop> hops_;
  size_t probe_ = kProbesPerHop;  // of the last hop; all done: a new hop is due
  Time sent_;
  bool waiting_ = false;
  bool unreachable_ = false;  // this hop ends the way
  bool finished_ = false;
  bool reached_ = false;
};

}  // namespace violin
