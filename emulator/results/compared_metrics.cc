#include "emulator/results/compared_metrics.hh"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

#include "emulator/results/metrics.hh"

namespace violin {
namespace {

constexpr size_t kMetricsMax = 1'000'000;

// What most people want to know first of each kind of workload.
bool is_usual(const RunResult& result, const MetricInfo& info) {
  for (const CompareOutcome& compare : result.compares) {
    if (compare.name == info.name) return true;
  }
  for (const WorkloadResult& workload : result.workloads) {
    const std::string kind = kind_of(workload.outcome);
    std::vector<std::string> usual = {"status"};
    if (kind == "ping") usual = {"rtt.mean", "rtt.p99", "loss"};
    if (kind == "tcp") usual = {"goodput", "retransmits"};
    if (kind == "udp") usual = {"goodput", "loss", "delay.mean"};
    if (kind == "traceroute") usual = {"hops"};
    if (const auto* tcp = std::get_if<TcpResult>(&workload.outcome)) {
      if (tcp->flows.size() > 1) usual.push_back("fct.mean");
    }
    for (const std::string& metric : usual) {
      if (info.name == workload.name + "." + metric) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<MetricInfo> compared_metrics(const std::vector<ComparedRun>& runs,
                                         const std::vector<std::string>& patterns) {
  std::vector<MetricInfo> chosen;
  std::set<std::string> known;
  const auto take = [&](const MetricInfo& info) {
    if (known.insert(info.name).second) chosen.push_back(info);
  };
  for (const ComparedRun& run : runs) {
    const MetricCatalogue catalogue(run.run.result);
    for (const std::string& pattern : patterns) {
      for (const MetricInfo& info : catalogue.matching(pattern, kMetricsMax, Star::kAnything)) {
        if (info.unit != Unit::kName) take(info);  // names have no mean
      };
    }
    if (!patterns.empty()) continue;
    for (const MetricInfo& info : table_metrics({run.run})) {
      if (is_usual(run.run.result, info)) take(info);
    }
  }
  if (chosen.empty() && !patterns.empty()) {
    throw std::invalid_argument("no metric matches " +
                                fmt::format("{}", fmt::join(patterns, ", ")) +
                                "; `violin metrics` lists them");
  }
  return chosen;
}

}  // namespace violin
