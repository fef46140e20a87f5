#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/results/compared_metrics.hh"
#include "emulator/results/statistics.hh"

// `violin compare` of runs of one scenario under both clocks: metric by metric, what the model says
// and what was measured, and how far apart they are. Of a ping's mean and median round trip and of
// a TCP workload's goodput it also says whether that is near enough.

namespace violin {

// The most that real may differ from virtual.
inline constexpr double kRttLimitPercent = 2;
inline constexpr double kGoodputLimitPercent = 5;

// 100 x (real - virtual) / virtual.
struct PercentDifference {
  double mean = 0;
  // Half-width of the 95 % interval; nothing when a side has a single run. Of runs that are pairs
  // (same seed) it is that of their differences, else the root of the sum of squares of the two
  // means' own, which takes them to be independent.
  std::optional<double> ci95;
};

// kUndecided: the interval lies on both sides of the limit. Without an interval the value decides.
enum class ClockVerdict { kNone, kWithin, kUndecided, kBeyond };

struct ClockRow {
  std::string point;  // the parameters other than the seed, where several were run; else ""
  MetricInfo metric;
  Estimate virtual_clock, real_clock;
  std::optional<PercentDifference> difference;  // nothing when the virtual mean is 0
  std::optional<double> limit_percent;
  ClockVerdict verdict = ClockVerdict::kNone;
};

struct ClockComparison {
  std::string scenario;
  std::vector<ClockRow> rows;  // by point, then metric; those that both clocks have
};

// Are there runs of both clocks?
bool differ_in_clock(const std::vector<ComparedRun>& runs);

// Throws std::invalid_argument when they are not of one scenario, or when a pattern fits nothing.
ClockComparison compare_clocks(const std::vector<ComparedRun>& runs,
                               const std::vector<std::string>& patterns);

// "within 2 %", "beyond 2 %", "undecided (2 %)", "" without a limit.
std::string verdict_text(const ClockRow& row);

std::string clock_comparison_table(const ClockComparison& comparison);
std::string clock_comparison_csv(const ClockComparison& comparison);
std::string clock_comparison_json(const ClockComparison& comparison);

}  // namespace violin
