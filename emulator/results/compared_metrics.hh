#pragma once

#include <string>
#include <vector>

#include "emulator/results/metric_catalogue.hh"
#include "emulator/results/sweep_result.hh"

namespace violin {

// A run and the command-line folder it came from.
struct ComparedRun {
  std::string folder;
  SweepRun run;
};

// What a comparison of these runs is about: the metrics that one of the patterns matches (* stands
// for anything), or without patterns what most people ask of each workload. Each once, in order of
// appearance. Throws std::invalid_argument when the patterns match nothing.
std::vector<MetricInfo> compared_metrics(const std::vector<ComparedRun>& runs,
                                         const std::vector<std::string>& patterns);

}  // namespace violin
