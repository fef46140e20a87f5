#pragma once

#include "emulator/scenario/scenario.hh"

namespace violin {

enum class ClockKind { kVirtual, kReal };

// What a node is under a clock: its own `backend:` where it has one, `linux` and the default
// resolved. Under the real clock hosts, and the routers of violins, are network namespaces;
// switches and the underlay's routers are models under both clocks, unless the file says otherwise.
Backend backend_under(ClockKind clock, const NodeSpec& node);

// Under the real clock a workload is done by stock programs when it begins at a real node.
bool done_by_programs(const Scenario& scenario, const WorkloadSpec& workload);

// The overlay host that holds a node under the real clock: its place; empty for the underlay
// itself, and for everything when there is no underlay.
const std::string& slice_of(const NodeSpec& node);

}  // namespace violin
