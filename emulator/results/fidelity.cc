#include "emulator/results/fidelity.hh"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emulator/results/quantity.hh"
#include "emulator/results/statistics.hh"

namespace violin {
namespace {

std::string time_text(Duration span) {
  return to_text(static_cast<double>(span.ns()), Unit::kDuration, 3);
}
std::string share_text(double share) { return to_text(share, Unit::kShare, 3); }

// Judges one agent.
class Judge {
 public:
  Judge(AgentFidelity& agent, const FidelityLimits& limits) : agent_(agent), limits_(limits) {}

  void judge() {
    agent_.verdict = FidelityVerdict::kValid;
    agent_.reasons.clear();
    judge_lateness(agent_.lateness.summary);
    judge_steal();
    if (agent_.overruns > 0) {
      fault(FidelityVerdict::kDegraded, fmt::format("{} frames were lost before they were read: an "
                                                    "input queue overran",
                                                    agent_.overruns));
    }
    if (agent_.buffer_drops > 0) {
      fault(FidelityVerdict::kDegraded,
            fmt::format("{} frames were dropped for lack of buffers", agent_.buffer_drops));
    }
  }

 private:
  void fault(FidelityVerdict verdict, std::string reason) {
    agent_.verdict = std::max(agent_.verdict, verdict);
    agent_.reasons.push_back(std::move(reason));
  }
  void late(FidelityVerdict verdict, const char* which, Duration value, Duration limit) {
    fault(verdict,
          fmt::format("lateness {} is {}, above {}", which, time_text(value), time_text(limit)));
  }
  void judge_lateness(const DurationSummary& lateness) {
    if (lateness.samples == 0) return;
    if (lateness.p99 > limits_.degraded_p99) {
      late(FidelityVerdict::kInvalid, "p99", lateness.p99, limits_.degraded_p99);
    } else if (lateness.p99 > limits_.valid_p99) {
      late(FidelityVerdict::kDegraded, "p99", lateness.p99, limits_.valid_p99);
    }
    if (lateness.p50 > limits_.valid_p50) {
      late(FidelityVerdict::kDegraded, "p50", lateness.p50, limits_.valid_p50);
    }
  }
  void judge_steal() {
    const bool is_invalid = agent_.steal() > limits_.degraded_steal;
    const double limit = is_invalid ? limits_.degraded_steal : limits_.valid_steal;
    if (agent_.steal() <= limit) return;
    fault(is_invalid ? FidelityVerdict::kInvalid : FidelityVerdict::kDegraded,
          fmt::format("a hypervisor took {} of the processors' time, above {}",
                      share_text(agent_.steal()), share_text(limit)));
  }

  AgentFidelity& agent_;
  const FidelityLimits& limits_;
};

}  // namespace

std::string name_of(FidelityVerdict verdict) {
  static constexpr const char* kNames[] = {"VALID", "DEGRADED", "INVALID"};
  return kNames[static_cast<int>(verdict)];
}

DurationHistogram histogram_of(const LogHistogram& histogram) {
  return {summarise(histogram), histogram.bins()};
}

const AgentFidelity* FidelityResult::latest() const {
  const auto worst = std::max_element(
      agents.begin(), agents.end(),
      [](const auto& a, const auto& b) { return a.lateness.summary.p99 < b.lateness.summary.p99; });
  return worst == agents.end() ? nullptr : &*worst;
}

double FidelityResult::worst_steal() const {
  double worst = 0;
  for (const AgentFidelity& agent : agents) worst = std::max(worst, agent.steal());
  return worst;
}

Duration FidelityResult::aggregation() const {
  Duration largest;
  for (const AgentFidelity& agent : agents) largest = std::max(largest, agent.aggregation);
  return largest;
}

Duration FidelityResult::clock_error() const {
  Duration largest;
  for (const AgentFidelity& agent : agents) largest = std::max(largest, agent.clock_error);
  return largest;
}

uint64_t FidelityResult::overruns() const {
  uint64_t sum = 0;
  for (const AgentFidelity& agent : agents) sum += agent.overruns;
  return sum;
}

uint64_t FidelityResult::buffer_drops() const {
  uint64_t sum = 0;
  for (const AgentFidelity& agent : agents) sum += agent.buffer_drops;
  return sum;
}

FidelityResult judge_fidelity(std::vector<AgentFidelity> agents, const FidelityLimits& limits) {
  FidelityResult result;
  result.limits = limits;
  result.agents = std::move(agents);
  std::sort(result.agents.begin(), result.agents.end(),
            [](const AgentFidelity& a, const AgentFidelity& b) { return a.host < b.host; });
  for (AgentFidelity& agent : result.agents) {
    Judge(agent, result.limits).judge();
    result.verdict = std::max(result.verdict, agent.verdict);
    for (const std::string& reason : agent.reasons) {
      result.reasons.push_back(agent.host + ": " + reason);
    }
  }
  if (result.agents.empty()) {
    result.verdict = FidelityVerdict::kInvalid;
    result.reasons = {"no agent reported how late it was"};
  }
  return result;
}

}  // namespace violin
