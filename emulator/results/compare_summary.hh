#pragma once

#include <string>
#include <vector>

#include "emulator/results/plot.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/statistics.hh"
#include "emulator/results/sweep_result.hh"

namespace violin {

// One compare entry of a scenario at one combination of swept parameters, over the seeds.
struct CompareSummaryRow {
  std::string name;
  std::string combination;   // "" when only the seed was swept
  Unit unit = Unit::kCount;  // of host and violin
  Estimate host;
  Estimate violin;
  Estimate share;  // (host - violin) / host of each run
};

// Every combination in the order of the sweep, its entries in the order of the scenario; entries
// without a value are left out.
std::vector<CompareSummaryRow> summarise_compares(const SweepResult& sweep);

// The figure of the VIOLIN paper: one panel per quantity (throughput, latency), one group of bars
// per entry: the host, then the violin at each combination. No panels when there are no entries.
Plot compare_figure(const std::vector<CompareSummaryRow>& rows);

}  // namespace violin
