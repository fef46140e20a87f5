#pragma once

#include <vector>

#include "core/addresses.hh"
#include "emulator/network/port_book.hh"
#include "emulator/program/kernel_settings.hh"
#include "emulator/program/program_step.hh"
#include "emulator/scenario/scenario.hh"
#include "models/workload/measurement.hh"

namespace violin {

// What it is reached at, and what its other end is reached at from there. Not used by exec.
struct WorkloadAddresses {
  IpAddress to;
  IpAddress from;
};

// The stock programs that do the workloads of real nodes: ping of iputils, Debian's traceroute
// 2.1, iperf3 3.12, or the command of an exec. It starts nothing; parsers of what the programs
// print are in NOUN_output.hh.
//
// A TCP flow of a given size is one that the receiver asks for (--reverse): iperf3's sender
// declares such a test over when it has handed the bytes to its kernel, and what is not read by
// then is not counted. Congestion control "newreno" is Linux's reno. Buffers are limits of the
// kernel's tuning (tcp_rmem, tcp_wmem) rather than iperf3's -w, which would fix them, and cannot
// be above net.core.rmem_max.
class ProgramPlan {
 public:
  static constexpr int64_t kPingCountMax = 10'000'000;  // as models have it

  // `duration` of the scenario: nothing is planned beyond it.
  explicit ProgramPlan(Duration duration) : end_(Time::zero() + duration) {}

  // Ports of `node` that are others', of any transport: iperf3 uses one number for both.
  void reserve_port(int node, uint16_t port) { ports_.take(node, port); }

  // Throws InputError at the workload when the programs cannot do it: flows or datagrams that
  // arrive by Poisson, pings of less than 16 B (which carry no time) or of fractions of a
  // millisecond, more than a day; and when it contradicts another one (kernel_settings.hh).
  void add(const WorkloadSpec& spec, const WorkloadAddresses& addresses);

  // The half of a tcp or udp workload on a real node whose other half is on a model: `violin
  // traffic`. `port` is where it is received, at addresses.to; the real node sends, or receives.
  enum class Half { kSends, kReceives };
  struct HalfPlan {
    Half half = Half::kSends;
    uint16_t port = 0;
    MeasureWindow window;  // of a receiver
  };
  void add_half(const WorkloadSpec& spec, const HalfPlan& how, const WorkloadAddresses& addresses);

  // In the order added, each server before its client.
  const std::vector<ProgramStep>& steps() const { return steps_; }
  std::vector<SysctlSetting> settings() const { return settings_.settings(); }

 private:
  void add_ping(const WorkloadSpec& spec, const PingWorkload& ping, const IpAddress& to);
  void add_traceroute(const WorkloadSpec& spec, const TracerouteWorkload& trace,
                      const IpAddress& to);
  void add_tcp(const WorkloadSpec& spec, const TcpWorkload& tcp,
               const WorkloadAddresses& addresses);
  void add_udp(const WorkloadSpec& spec, const UdpWorkload& udp, const IpAddress& to);
  // A pair of iperf3, the client calling `server` at `address` with `options`.
  struct Pair {
    int server = -1;
    int client = -1;
    IpAddress address;
    uint16_t port = 0;
    std::vector<std::string> options;
  };
  void add_pair(const WorkloadSpec& spec, const Pair& pair);

  Time end_;
  PortBook ports_;
  KernelSettings settings_;
  std::vector<ProgramStep> steps_;
};

}  // namespace violin
