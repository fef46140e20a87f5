#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/results/compared_metrics.hh"
#include "emulator/results/estimate_format.hh"
#include "emulator/results/metric_catalogue.hh"
#include "emulator/results/statistics.hh"

// `violin compare`: runs put into groups, and for each metric the mean of each group with its 95 %
// interval, n, and the paired difference to a baseline group. Two runs are a pair when they have
// the same seed and the same values of all parameters other than the one compared by.

namespace violin {

struct ComparisonOptions {
  // The parameter whose values make the groups; nothing = every combination of what was swept, or
  // the folders when nothing was.
  std::optional<std::string> by;
  // Patterns, * standing for anything; empty = what most people ask of each workload.
  std::vector<std::string> metrics;
  std::optional<std::string> baseline;  // a group; nothing = the first one
};

struct ComparisonRow {
  MetricInfo metric;
  std::string group;
  Estimate estimate;
  // group - baseline over pairs; nothing in the baseline's own row.
  std::optional<Estimate> difference;
};

struct Comparison {
  std::string by;  // what the groups are: a parameter, "run" …
  std::string baseline;
  std::vector<ComparisonRow> rows;  // by metric, then group in order of appearance
};

// Throws std::invalid_argument naming what is allowed when `by`, `baseline` or a pattern fits
// nothing.
Comparison compare_runs(const std::vector<ComparedRun>& runs, const ComparisonOptions& options);

std::string comparison_table(const Comparison& comparison);
std::string comparison_csv(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison);

// The format that the rows of `metric` share, differences included, and every estimate of them.
EstimateFormat format_of(const Comparison& comparison, const MetricInfo& metric);
std::vector<Estimate> all_estimates(const Comparison& comparison);

}  // namespace violin
