#include "emulator/network/workload_check.hh"

#include <string>
#include <variant>

#include "emulator/scenario/input_error.hh"
#include "models/workload/tcp_flow_stream.hh"
#include "models/workload/traceroute.hh"
#include "models/workload/udp_datagram.hh"

namespace violin {
namespace {

// What TcpOptions allows.
constexpr int64_t kBufferMax = int64_t{1} << 30;
// A flow each nanosecond is the most that a whole number of nanoseconds between them can say.
constexpr double kArrivalsMax = 1e9;

class WorkloadCheck {
 public:
  WorkloadCheck(const WorkloadSpec& spec, const Scenario& scenario, IpAddress target)
      : spec_(spec), scenario_(scenario), target_(target) {}

  void operator()(const PingWorkload&) const { require_v4(); }
  void operator()(const TracerouteWorkload& trace) const {
    require_v4();
    if (trace.probes != Traceroute::kProbesPerHop) {
      refuse("a model node's traceroute sends 3 probes to each hop, not " +
             std::to_string(trace.probes));
    }
  }
  void operator()(const UdpWorkload& udp) const {
    require_hosts("udp");
    if (udp.size.count() < UdpDatagramHeader::kSize) {
      refuse("a datagram carries its number and the time it was sent: size must be at least " +
             std::to_string(UdpDatagramHeader::kSize) + " B");
    }
    if (udp.rate.bps() <= 0) refuse("udp needs a rate above zero");
  }
  void operator()(const TcpWorkload& tcp) const {
    require_hosts("tcp");
    if (tcp.size && tcp.size->count() < TcpFlowStream::kNumberSize) {
      refuse("a flow begins with its number: size must be at least " +
             std::to_string(TcpFlowStream::kNumberSize) + " B");
    }
    if (tcp.send_buffer.count() > kBufferMax || tcp.receive_buffer.count() > kBufferMax) {
      refuse("a buffer of TCP is at most 1 GiB");
    }
    if (tcp.poisson_per_second && !(*tcp.poisson_per_second <= kArrivalsMax)) {
      refuse("flows arrive at most 1e9 times a second");
    }
  }
  void operator()(const ExecWorkload&) const {
    refuse(
        "exec runs real programs, and a model node has none; it needs a real backend, which "
        "this version does not have");
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw InputError(spec_.at, "the workload " + spec_.name + " cannot be run: " + why);
  }
  void require_v4() const {
    if (!target_.is_v4()) refuse("ping and traceroute of model nodes speak IPv4 only");
  }
  void require_hosts(const std::string& kind) const {
    for (const int end : {spec_.from, spec_.to}) {
      const NodeSpec& node = scenario_.nodes[static_cast<size_t>(end)];
      if (node.kind == NodeKind::kHost) continue;
      refuse(kind + " needs hosts, and " + node.full_name() + " is a router");
    }
  }

  const WorkloadSpec& spec_;
  const Scenario& scenario_;
  IpAddress target_;
};

}  // namespace

void check_workload(const WorkloadSpec& spec, const Scenario& scenario, IpAddress target) {
  std::visit(WorkloadCheck(spec, scenario, target), spec.kind);
}

}  // namespace violin
