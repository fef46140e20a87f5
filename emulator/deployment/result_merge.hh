#pragma once

#include <map>
#include <string>

#include "emulator/results/run_result.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// What the agents of one run measured, by slice (slice_of()), put together: every wire as the slice
// of its sender has it, every workload of model nodes with the halves of its two ends. Identity,
// times and verdicts are the coordinator's to fill in.
RunResult merge_slices(const Scenario& scenario, const std::map<std::string, RunResult>& slices);

}  // namespace violin
