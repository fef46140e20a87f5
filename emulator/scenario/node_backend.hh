#pragma once

#include "emulator/scenario/scenario.hh"

namespace violin {

enum class ClockKind { kVirtual, kReal };

// What a node is under a clock: its own `backend:` where it has one, `linux` and the default
// resolved. Under the virtual clock that is a model. Under the real clock hosts, and the routers of
// violins, are network namespaces; switches and the underlay's routers are models under both
// clocks, unless the file says otherwise.
Backend backend_under(ClockKind clock, const NodeSpec& node);

// Under that clock, a tcp or udp workload between a model and a real node has two kinds of halves:
// the model's, and a program of ours (`violin traffic`) on the real node.
bool is_half_model(const Scenario& scenario, const WorkloadSpec& workload, ClockKind clock);

// Under that clock, a workload is done by stock programs alone when it begins at a real node and is
// not is_half_model().
bool done_by_programs(const Scenario& scenario, const WorkloadSpec& workload, ClockKind clock);

// The overlay host that holds a node under the real clock: its place; empty for the underlay
// itself, and for everything when there is no underlay.
const std::string& slice_of(const NodeSpec& node);

}  // namespace violin
