#include "emulator/results/clock_comparison.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "emulator/results/metrics.hh"

namespace violin {
namespace {

bool is_virtual(const ComparedRun& run) { return run.run.result.identity.clock == "virtual"; }

// One metric at one point under one clock, in the order of the runs and by seed.
struct Sample {
  std::vector<double> values;
  std::map<std::string, double> by_seed;

  void add(const RunResult& result, double value) {
    values.push_back(value);
    by_seed[std::to_string(result.identity.seed)] = value;
  }
  // Whether the seeds are those of `other`, each once.
  bool is_paired_with(const Sample& other) const {
    const auto same_seed = [](const auto& a, const auto& b) { return a.first == b.first; };
    return by_seed.size() == values.size() && other.by_seed.size() == other.values.size() &&
           std::equal(by_seed.begin(), by_seed.end(), other.by_seed.begin(), other.by_seed.end(),
                      same_seed);
  }
};

std::optional<PercentDifference> difference_of(const Sample& model, const Sample& real) {
  const Estimate a = estimate(model.values);
  const Estimate b = estimate(real.values);
  if (a.mean == 0) return std::nullopt;
  const double whole = std::fabs(a.mean);
  PercentDifference difference{100 * (b.mean - a.mean) / whole, std::nullopt};
  if (model.is_paired_with(real)) {
    const Estimate paired = paired_difference(model.by_seed, real.by_seed);
    if (paired.ci95) difference.ci95 = 100 * *paired.ci95 / whole;
  } else if (a.ci95 && b.ci95) {
    difference.ci95 = 100 * std::hypot(*a.ci95, *b.ci95) / whole;
  }
  return difference;
}

std::optional<double> limit_of(const std::vector<ComparedRun>& runs, const MetricInfo& metric) {
  for (const WorkloadResult& workload : runs.front().run.result.workloads) {
    const std::string kind = kind_of(workload.outcome);
    const auto is = [&](const char* name) { return metric.name == workload.name + name; };
    if (kind == "ping" && (is(".rtt.mean") || is(".rtt.p50"))) return kRttLimitPercent;
    if (kind == "tcp" && is(".goodput")) return kGoodputLimitPercent;
  }
  return std::nullopt;
}

ClockVerdict verdict_of(const ClockRow& row) {
  if (!row.limit_percent || !row.difference) return ClockVerdict::kNone;
  const double distance = std::fabs(row.difference->mean);
  const double margin = row.difference->ci95.value_or(0);
  if (distance + margin <= *row.limit_percent) return ClockVerdict::kWithin;
  return distance - margin > *row.limit_percent ? ClockVerdict::kBeyond : ClockVerdict::kUndecided;
}

std::vector<std::string> points_of(const std::vector<ComparedRun>& runs,
                                   const std::vector<std::string>& swept) {
  std::vector<std::string> points;
  for (const ComparedRun& run : runs) {
    const std::string point = combination_of(run.run.result, swept);
    if (std::find(points.begin(), points.end(), point) == points.end()) points.push_back(point);
  }
  return points;
}

std::vector<std::string> swept_in(const std::vector<ComparedRun>& runs) {
  std::vector<SweepRun> all;
  for (const ComparedRun& run : runs) {
    // Only what identifies the run: the rest of it may be large.
    SweepRun light;
    light.result.identity = run.run.result.identity;
    all.push_back(std::move(light));
  }
  return swept_params(all);
}

}  // namespace

bool differ_in_clock(const std::vector<ComparedRun>& runs) {
  const auto count = std::count_if(runs.begin(), runs.end(), is_virtual);
  return count > 0 && static_cast<size_t>(count) < runs.size();
}

ClockComparison compare_clocks(const std::vector<ComparedRun>& runs,
                               const std::vector<std::string>& patterns) {
  ClockComparison comparison;
  if (runs.empty()) return comparison;
  comparison.scenario = runs.front().run.result.identity.scenario;
  for (const ComparedRun& run : runs) {
    const std::string& scenario = run.run.result.identity.scenario;
    if (scenario == comparison.scenario) continue;
    throw std::invalid_argument(
        "the clocks can be compared by runs of one scenario, and these are "
        "of two: " +
        comparison.scenario + " and " + scenario);
  }
  const std::vector<std::string> swept = swept_in(runs);
  const std::vector<MetricInfo> metrics = compared_metrics(runs, patterns);
  for (const std::string& point : points_of(runs, swept)) {
    for (const MetricInfo& metric : metrics) {
      Sample model, real;
      for (const ComparedRun& run : runs) {
        if (combination_of(run.run.result, swept) != point) continue;
        const MetricValue value = metric_value(run.run.result, metric.name);
        if (value.value) (is_virtual(run) ? model : real).add(run.run.result, *value.value);
      }
      if (model.values.empty() || real.values.empty()) continue;
      ClockRow row{point, metric, estimate(model.values), estimate(real.values), {}, {}, {}};
      row.difference = difference_of(model, real);
      row.limit_percent = limit_of(runs, metric);
      row.verdict = verdict_of(row);
      comparison.rows.push_back(std::move(row));
    }
  }
  return comparison;
}

std::string verdict_text(const ClockRow& row) {
  if (row.verdict == ClockVerdict::kNone) return "";
  const std::string limit = fmt::format("{:g} %", *row.limit_percent);
  if (row.verdict == ClockVerdict::kUndecided) return "undecided (" + limit + ")";
  return (row.verdict == ClockVerdict::kWithin ? "within " : "beyond ") + limit;
}

}  // namespace violin
