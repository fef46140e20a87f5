#pragma once

#include "emulator/results/plot.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// The links and nodes where most frames were dropped as bars, stacked by reason. No panels when
// nothing was dropped.
Plot drop_plot(const RunResult& result);

}  // namespace violin
