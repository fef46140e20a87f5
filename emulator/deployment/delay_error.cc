#include "emulator/deployment/delay_error.hh"

#include <map>
#include <string>

#include "emulator/scenario/node_backend.hh"
#include "models/link/log_histogram.hh"

namespace violin {
namespace {

// Ethernet, IPv4 and ICMP headers around the data; what ping -s calls size.
constexpr int64_t kPingHeaders = 14 + 20 + 8;

}  // namespace

void add_delay_errors(const NetworkPlan& plan, RunResult& result) {
  if (!result.fidelity) return;
  const Scenario& scenario = plan.scenario();
  std::map<std::string, LogHistogram> errors;  // by overlay host
  for (const WorkloadSpec& spec : scenario.workloads) {
    const auto* ping = std::get_if<PingWorkload>(&spec.kind);
    if (ping == nullptr) continue;
    const Bytes frame(ping->size.count() + kPingHeaders);
    const auto idle = plan.unloaded_round_trip({spec.from, spec.to}, frame);
    if (!idle) continue;
    const std::string slice = slice_of(scenario.nodes[static_cast<size_t>(spec.from)]);
    for (const WorkloadResult& workload : result.workloads) {
      const auto* seen = std::get_if<PingResult>(&workload.outcome);
      if (workload.name != spec.name || seen == nullptr) continue;
      for (const PingProbe& probe : seen->probes) {
        if (!probe.rtt || probe.sequence == 0) continue;
        const Duration off = *probe.rtt - *idle;
        errors[slice.empty() ? std::string(kUnderlayPlane) : slice].add(
            off < Duration() ? Duration() - off : off);
      }
    }
  }
  for (AgentFidelity& agent : result.fidelity->agents) {
    const auto error = errors.find(agent.host);
    if (error != errors.end()) agent.delay_error = histogram_of(error->second);
  }
}

}  // namespace violin
