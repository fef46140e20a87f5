#include "emulator/network/node_order.hh"

#include "emulator/network/guest_files.hh"

namespace violin {

GuestOrder node_order(const NetworkPlan& plan, int index, const Node& node) {
  const NodeSpec& spec = plan.scenario().nodes[static_cast<size_t>(index)];
  GuestOrder order;
  order.hostname = spec.name;
  for (auto& [path, text] : guest_files(plan.scenario(), spec)) order.files.push_back({path, text});
  for (size_t i = 0; i < node.nic_count(); ++i) {
    const Nic& nic = node.nic(i);
    order.interfaces.push_back({nic.name(), static_cast<int>(nic.mtu()), nic.addresses()});
  }
  for (const Route& route : plan.given_routes(index)) {
    if (!route.via) continue;  // the kernel's own, from the address
    const Nic& nic = node.nic(static_cast<size_t>(route.interface));
    order.routes.push_back({route.prefix, route.via, nic.name()});
  }
  order.sysctls.push_back({kCongestionSetting, "cubic"});
  if (spec.kind == NodeKind::kRouter) {
    order.sysctls.push_back({"net.ipv4.ip_forward", "1"});
    order.sysctls.push_back({"net.ipv6.conf.all.forwarding", "1"});
  }
  return order;
}

}  // namespace violin
