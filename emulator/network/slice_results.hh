#pragma once

#include <filesystem>
#include <vector>

#include "emulator/network/network_cut.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// What the parts of a network that is cut measured, put together as the whole would have it: every
// list in the order of the scenario. `events` is the sum, and more than the whole has: each part
// follows the script and samples for itself, and a wire that is cut has events at both its ends.
RunResult join_results(const NetworkPlan& plan, const NetworkCut& cut,
                       const std::vector<RunResult>& parts);

// The same of their recordings of frames, into the file `whole`. Frames of two parts at one instant
// are in the order in which the whole has events of their wires. Throws std::runtime_error naming
// the file.
void join_recordings(const NetworkPlan& plan, const std::vector<std::filesystem::path>& parts,
                     const std::filesystem::path& whole);

}  // namespace violin
