#include "emulator/routing/routed_interface.hh"

#include <algorithm>

#include "emulator/scenario/broadcast_domain.hh"

namespace violin {

std::vector<std::vector<RoutedInterface>> routed_interfaces(const Scenario& scenario) {
  const auto kind_at = [&](const LinkEnd& end) {
    const NodeSpec& node = scenario.nodes[static_cast<size_t>(end.node)];
    return node.kind == NodeKind::kRouter ? node.routing.kind : RoutingKind::kNone;
  };
  std::vector<std::vector<RoutedInterface>> all(scenario.nodes.size());
  for (const BroadcastDomain& domain : find_broadcast_domains(scenario, {})) {
    for (const LinkEnd& end : domain.ends) {
      if (!is_protocol(kind_at(end))) continue;
      RoutedInterface routed{end.interface, {}, false};
      for (const LinkEnd& other : domain.ends) {
        if (other.node != end.node && kind_at(other) == kind_at(end)) routed.peers.push_back(other);
      }
      routed.point_to_point = !domain.has_switch && routed.peers.size() == 1;
      all[static_cast<size_t>(end.node)].push_back(std::move(routed));
    }
  }
  for (std::vector<RoutedInterface>& of_node : all) {
    std::sort(of_node.begin(), of_node.end(),
              [](const auto& a, const auto& b) { return a.interface < b.interface; });
  }
  return all;
}

}  // namespace violin
