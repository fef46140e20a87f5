#pragma once

#include "emulator/guest_init/guest_order.hh"
#include "emulator/network/network_plan.hh"
#include "models/node/node.hh"

namespace violin {

// What the kernel of a real node is told from the scenario, whether it shares the machine's or has
// one of its own: name, files, interfaces, routes (those that do not follow from an address), and
// settings. Without jobs. `node` is the network's for the scenario's node `index`.
GuestOrder node_order(const NetworkPlan& plan, int index, const Node& node);

// The setting of the congestion control that TCP uses where a program names none.
constexpr const char* kCongestionSetting = "net.ipv4.tcp_congestion_control";

}  // namespace violin
