#include "emulator/scenario/node_backend.hh"

#include <variant>

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

namespace {

bool is_model(const Scenario& scenario, int node, ClockKind clock) {
  return backend_under(clock, scenario.nodes[static_cast<size_t>(node)]) == Backend::kModel;
}

}  // namespace

bool is_half_model(const Scenario& scenario, const WorkloadSpec& workload, ClockKind clock) {
  const bool has_halves = std::holds_alternative<TcpWorkload>(workload.kind) ||
                          std::holds_alternative<UdpWorkload>(workload.kind);
  return has_halves &&
         is_model(scenario, workload.from, clock) != is_model(scenario, workload.to, clock);
}

bool done_by_programs(const Scenario& scenario, const WorkloadSpec& workload, ClockKind clock) {
  return !is_model(scenario, workload.from, clock) && !is_half_model(scenario, workload, clock);
}

const std::string& slice_of(const NodeSpec& node) { return node.place; }

}  // namespace violin
