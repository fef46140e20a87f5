#pragma once

#include <string>
#include <vector>

#include "emulator/network/network_plan.hh"

// What is allowed but probably not meant, for `violin check`: planes in several pieces, very slow
// links, queues and buffers too small to fill a path, more offered than a path carries, MTUs that
// differ within a LAN, a measure window that a workload misses, routing daemons in kernels whose
// system calls take no time. At most a few of each sort.

namespace violin {

std::vector<std::string> warnings_of(const NetworkPlan& plan);

}  // namespace violin
