#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "emulator/results/metrics.hh"

// What the tables of metrics (workload_metrics.cc, network_metrics.cc) are written with; nobody
// else needs it.

namespace violin {

enum Statistic { kMin, kMean, kP50, kP95, kP99, kMax, kStddev };
inline constexpr std::array<const char*, 7> kStatistics = {"min", "mean", "p50",   "p95",
                                                           "p99", "max",  "stddev"};

inline MetricValue missing(Unit unit, std::string reason) {
  return {std::nullopt, unit, std::move(reason)};
}
inline MetricValue count(int64_t value) { return {static_cast<double>(value), Unit::kCount, ""}; }
inline MetricValue count(uint64_t value) { return {static_cast<double>(value), Unit::kCount, ""}; }
inline MetricValue bytes(int64_t value) { return {static_cast<double>(value), Unit::kBytes, ""}; }
inline MetricValue duration(Duration value) {
  return {static_cast<double>(value.ns()), Unit::kDuration, ""};
}

inline MetricValue statistic(const DurationSummary& summary, int which, const char* reason) {
  if (summary.samples == 0) return missing(Unit::kDuration, reason);
  switch (which) {
    case kMin:
      return duration(summary.min);
    case kMean:
      return {summary.mean_ns, Unit::kDuration, ""};
    case kP50:
      return duration(summary.p50);
    case kP95:
      return duration(summary.p95);
    case kP99:
      return duration(summary.p99);
    case kMax:
      return duration(summary.max);
    default:
      return {summary.stddev_ns, Unit::kDuration, ""};
  }
}

// Adds prefix.min … prefix.stddev.
template <typename Thing, typename Read>
void add_statistics(std::vector<MetricOf<Thing>>& table, const std::string& prefix,
                    const std::string& explanation, Read read) {
  for (size_t i = 0; i < kStatistics.size(); ++i) {
    const std::string name = kStatistics[i];
    table.push_back({prefix + "." + name, Unit::kDuration, name + " of " + explanation, read,
                     static_cast<int>(i)});
  }
}

// Adds drops.<reason> for every reason.
template <typename Thing, typename Read>
void add_drop_reasons(std::vector<MetricOf<Thing>>& table, Read read) {
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    const std::string reason(name_of(static_cast<DropReason>(i)));
    table.push_back(
        {"drops." + reason, Unit::kCount, "frames dropped: " + reason, read, static_cast<int>(i)});
  }
}

}  // namespace violin
