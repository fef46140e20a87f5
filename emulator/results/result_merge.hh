#pragma once

#include <functional>
#include <map>
#include <string>

#include "emulator/results/run_result.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// The slice that has a node of the scenario.
using SliceOfNode = std::function<std::string(int node)>;

// What the slices of one run measured, by name, put together: every wire as the slice of its sender
// has it, every workload of model nodes with the halves of its two ends. Identity, times and
// verdicts are the caller's to fill in.
RunResult merge_slices(const Scenario& scenario, ClockKind clock, const SliceOfNode& slice_of_node,
                       const std::map<std::string, RunResult>& slices);
// The same of the agents of a run under the real clock, by slice_of().
RunResult merge_slices(const Scenario& scenario, const std::map<std::string, RunResult>& slices);

}  // namespace violin
