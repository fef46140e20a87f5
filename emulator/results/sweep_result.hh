#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "emulator/results/expression.hh"
#include "emulator/results/metric_catalogue.hh"
#include "emulator/results/run_result.hh"
#include "emulator/results/statistics.hh"
#include "emulator/scenario/scenario.hh"

// All points of a sweep together. A sweep leaves, beside one folder per point:
//   runs.csv           one row per point: run, the swept parameters, seed, digest, interrupted, and
//                      the metrics of workloads and compare entries, units last in their names
//   series.csv, flows.csv, links.csv, pings.csv   those of all points, run, seed and swept
//                      parameters in front
//   sweep_summary.csv  mean, stddev, ci95 and samples of each metric for each combination of the
//                      swept parameters other than the seed
//   sweep.json         the expectations that are about the sweep ({selectors})

namespace violin {

// One point: the name of its folder and what came out.
struct SweepRun {
  std::string run;
  RunResult result;
};

struct SweepResult {
  std::vector<SweepRun> runs;                    // in the order of the sweep
  std::vector<std::string> failed;               // "007: why", points that gave no result
  std::vector<ExpectationOutcome> expectations;  // those about the sweep
};

// Names of the parameters that are not the same in all runs, in the order of the sweep; never the
// seed.
std::vector<std::string> swept_params(const std::vector<SweepRun>& runs);
bool has_several_seeds(const std::vector<SweepRun>& runs);

// The values that each swept parameter and the seed take: for checking selectors.
SweepValues sweep_values(const std::vector<SweepRun>& runs);

// "crypt=none, rate=10 Mbit/s": the swept parameters of one run; "" when there are none.
std::string combination_of(const RunResult& result, const std::vector<std::string>& params);

// The metrics that tables of many runs show: of workloads, compare entries and run.frame_hops, in
// the order in which they first appear.
std::vector<MetricInfo> table_metrics(const std::vector<SweepRun>& runs);

// One metric of one combination of parameters, over the seeds.
struct SweepSummaryRow {
  std::string combination;
  std::vector<std::string> values;  // of swept_params()
  MetricInfo metric;
  Estimate estimate;
};
std::vector<SweepSummaryRow> summarise_sweep(const SweepResult& sweep);

// Judges the expectations with {selectors}: a metric is the mean over the points that match and
// have a value.
std::vector<ExpectationOutcome> judge_sweep(const Scenario& scenario,
                                            const std::vector<SweepRun>& runs);

void write_runs_table(std::ostream& out, const SweepResult& sweep);
void write_sweep_summary(std::ostream& out, const SweepResult& sweep);
// Writes every file named above into `folder`, each one atomically.
void write_sweep(const SweepResult& sweep, const std::filesystem::path& folder);
// Reads the points back, and sweep.json where it is. Throws InputError.
SweepResult read_sweep(const std::filesystem::path& folder);

}  // namespace violin
