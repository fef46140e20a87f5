#include "emulator/results/metric_table.hh"

// The metrics of fidelity (metrics.hh): those of the worst agent, or sums over all.

namespace violin {
namespace {

using R = const RunResult&;
using RM = const MetricOf<RunResult>&;

constexpr const char* kNone = "the run has no fidelity: its clock was virtual";

MetricValue lateness(R run, RM metric, R) {
  const AgentFidelity* latest = run.fidelity ? run.fidelity->latest() : nullptr;
  if (latest == nullptr) return missing(Unit::kDuration, kNone);
  return statistic(latest->lateness.summary, metric.detail, "no frame was released");
}

std::vector<MetricOf<RunResult>> make_table() {
  std::vector<MetricOf<RunResult>> table;
  add_statistics(table, "lateness", "the lateness of frames, of the agent with the highest p99",
                 lateness);
  table.push_back({"steal", Unit::kShare, "processor time a hypervisor took, of the worst agent",
                   [](R run, RM, R) {
                     if (!run.fidelity) return missing(Unit::kShare, kNone);
                     return MetricValue{run.fidelity->worst_steal(), Unit::kShare, ""};
                   }});
  table.push_back(
      {"aggregation", Unit::kDuration, "link time of the largest super-frame", [](R run, RM, R) {
         if (!run.fidelity) return missing(Unit::kDuration, kNone);
         return duration(run.fidelity->aggregation());
       }});
  table.push_back({"overruns", Unit::kCount, "frames lost in full input queues", [](R run, RM, R) {
                     if (!run.fidelity) return missing(Unit::kCount, kNone);
                     return count(run.fidelity->overruns());
                   }});
  table.push_back(
      {"buffer_drops", Unit::kCount, "frames dropped for lack of buffers", [](R run, RM, R) {
         if (!run.fidelity) return missing(Unit::kCount, kNone);
         return count(run.fidelity->buffer_drops());
       }});
  return table;
}

}  // namespace

const std::vector<MetricOf<RunResult>>& fidelity_metrics() {
  static const std::vector<MetricOf<RunResult>> table = make_table();
  return table;
}

}  // namespace violin
