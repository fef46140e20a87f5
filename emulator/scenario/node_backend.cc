#include "emulator/scenario/node_backend.hh"

#include "core/topology.hh"

namespace violin {

Backend backend_under(ClockKind clock, const NodeSpec& node) {
  const bool real = clock == ClockKind::kReal;
  if (node.kind == NodeKind::kSwitch) return Backend::kModel;
  if (node.backend == Backend::kLinux) return real ? Backend::kNetns : Backend::kUml;
  if (node.backend != Backend::kDefault) return node.backend;
  const bool carries_only = node.kind == NodeKind::kRouter && node.plane == kUnderlayPlane;
  return real && !carries_only ? Backend::kNetns : Backend::kModel;
}

bool done_by_programs(const Scenario& scenario, const WorkloadSpec& workload) {
  const NodeSpec& from = scenario.nodes[static_cast<size_t>(workload.from)];
  return backend_under(ClockKind::kReal, from) != Backend::kModel;
}

const std::string& slice_of(const NodeSpec& node) { return node.place; }

}  // namespace violin
