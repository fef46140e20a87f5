#pragma once

#include <memory>
#include <vector>

#include "emulator/network/network.hh"
#include "emulator/network/workload_ports.hh"
#include "emulator/results/run_result.hh"
#include "models/workload/ping.hh"
#include "models/workload/tcp_sink.hh"
#include "models/workload/tcp_source.hh"
#include "models/workload/traceroute.hh"
#include "models/workload/udp_sink.hh"
#include "models/workload/udp_source.hh"

namespace violin {

// The `workloads:` of a scenario on a network: a half on the node it comes from, a half on the node
// it goes to, each present where its node is in this slice. The halves share nothing but frames;
// results() merges them by name.
class WorkloadSet {
 public:
  // Throws InputError when a workload has no way to its target or is beyond what model nodes can
  // do (workload_check.hh).
  explicit WorkloadSet(Network& network);

  // Arms every source; the network's entities have their ranks by now.
  void start();
  // What every workload measured up to `end`, in scenario order.
  std::vector<WorkloadResult> results(Time end) const;
  // Goodput and congestion window over time, for plots.
  std::vector<Series> series() const;

 private:
  struct Halves {
    const WorkloadSpec* spec = nullptr;
    std::unique_ptr<Ping> ping;
    std::unique_ptr<Traceroute> traceroute;
    std::unique_ptr<UdpSource> udp_source;
    std::unique_ptr<UdpSink> udp_sink;
    std::unique_ptr<TcpSource> tcp_source;
    std::unique_ptr<TcpSink> tcp_sink;
  };
  void add(const WorkloadSpec& spec);
  void add_udp(Halves& halves, const UdpWorkload& udp, IpAddress target);
  void add_tcp(Halves& halves, const TcpWorkload& tcp, IpAddress target);
  IpAddress target_of(const WorkloadSpec& spec) const;
  MeasureWindow window_of(const WorkloadSpec& spec) const;

  void set_outcome(const Halves& halves, Time end, WorkloadResult& result) const;

  Network& network_;
  WorkloadPorts ports_;
  std::vector<Halves> workloads_;
};

}  // namespace violin
