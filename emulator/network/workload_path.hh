#pragma once

#include <vector>

#include "emulator/network/network_plan.hh"
#include "emulator/results/workload_result.hh"

namespace violin {

// Every link that frames cross from one node to the other and back, tunnels included, each
// direction once.
std::vector<PathStep> path_steps(const NetworkPlan& plan, NodePair ends);

}  // namespace violin
