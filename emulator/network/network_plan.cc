#include "emulator/network/network_plan.hh"

#include <algorithm>
#include <map>

#include "core/check.hh"
#include "core/random.hh"
#include "emulator/network/idle_path.hh"
#include "emulator/results/run_result.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

TopologyNode::Kind kind_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::kHost:
      return TopologyNode::Kind::kHost;
    case NodeKind::kSwitch:
      return TopologyNode::Kind::kSwitch;
    case NodeKind::kRouter:
      return TopologyNode::Kind::kRouter;
  }
  return TopologyNode::Kind::kHost;
}

bool has_routes(const Scenario& scenario, const PlaneSpec& plane) {
  return plane.routing != RoutingKind::kNone ||
         std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [&](const NodeSpec& node) {
           return node.plane == plane.name && node.kind == NodeKind::kRouter &&
                  node.routing.kind != RoutingKind::kNone;
         });
}

}  // namespace

MacAddress mac_address_of(const NodeSpec& node, const InterfaceSpec& interface) {
  return MacAddress::local_from_hash(stable_hash(node.full_name() + ":" + interface.name, 0));
}

std::string wire_name(const Scenario& scenario, const LinkSpec& link, bool a_to_b) {
  const std::string& a = scenario.nodes[static_cast<size_t>(link.a.node)].name;
  const std::string& b = scenario.nodes[static_cast<size_t>(link.b.node)].name;
  return direction_name(link.full_name(), a_to_b ? a : b, a_to_b ? b : a);
}

NetworkPlan::NetworkPlan(const Scenario& scenario) : scenario_(scenario) {
  add_nodes();
  add_links(/*underlay=*/true);
  plan_routes(/*underlay=*/true);
  // Links of violins go by the delay of what carries them, which needs the underlay's routes.
  add_links(/*underlay=*/false);
  for (const TopologyProblem& problem : topology_.problems()) {
    const Place& at = problem.node >= 0 ? scenario.nodes[static_cast<size_t>(problem.node)].at
                                        : scenario.links[static_cast<size_t>(problem.link)].at;
    throw InputError(at, problem.message);
  }
  plan_routes(/*underlay=*/false);
  plan_tunnels();
}

void NetworkPlan::add_nodes() {
  std::map<std::string, int> planes;
  for (size_t i = 0; i < scenario_.planes.size(); ++i) {
    planes[scenario_.planes[i].name] = static_cast<int>(i);
  }
  // The underlay stands first in a scenario, so every place is known when it is needed.
  std::map<std::string, int> overlay_hosts;
  for (const NodeSpec& node : scenario_.nodes) {
    const auto host = overlay_hosts.find(node.place);
    const int number = topology_.add_node({node.name, node.plane, kind_of(node.kind),
                                           host == overlay_hosts.end() ? -1 : host->second});
    plane_of_node_.push_back(planes.at(node.plane));
    if (node.plane == kUnderlayPlane) overlay_hosts[node.name] = number;
  }
}

void NetworkPlan::add_links(bool underlay) {
  for (const LinkSpec& link : scenario_.links) {
    if ((link.plane == kUnderlayPlane) != underlay) continue;
    const int number =
        topology_.add_link({link.a.node, link.b.node, link.a.interface, link.b.interface,
                            link.a_to_b.delay + carrying_delay(link, true),
                            link.b_to_a.delay + carrying_delay(link, false)});
    CHECK(&scenario_.links[static_cast<size_t>(number)] == &link);
  }
}

Duration NetworkPlan::carrying_delay(const LinkSpec& link, bool a_to_b) const {
  const int from = overlay_host_of(a_to_b ? link.a.node : link.b.node);
  const int to = overlay_host_of(a_to_b ? link.b.node : link.a.node);
  if (from < 0 || to < 0 || from == to) return {};
  const Routing* routing = routing_of(from);
  const std::optional<TopologyPath> path =
      routing == nullptr ? std::nullopt : routing->path(NodePair{from, to});
  return path ? path->delay : Duration();
}

void NetworkPlan::plan_routes(bool underlay) {
  routings_.resize(scenario_.planes.size());
  std::vector<std::vector<AddressAssignment>> assignments(scenario_.planes.size());
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    const NodeSpec& node = scenario_.nodes[i];
    if (node.kind == NodeKind::kSwitch) continue;
    for (size_t interface = 0; interface < node.interfaces.size(); ++interface) {
      for (const InterfaceAddress& address : node.interfaces[interface].addresses) {
        assignments[static_cast<size_t>(plane_of_node_[i])].push_back(
            {static_cast<int>(i), static_cast<int>(interface), address});
      }
    }
  }
  for (size_t i = 0; i < scenario_.planes.size(); ++i) {
    const PlaneSpec& plane = scenario_.planes[i];
    if (plane.is_underlay != underlay || !has_routes(scenario_, plane)) continue;
    routings_[i] = std::make_unique<Routing>(
        topology_, assignments[i],
        Routing::Options{.plane = plane.name, .direct_only = plane.is_matrix});
  }
}

std::optional<IpAddress> NetworkPlan::target_of(const WorkloadSpec& workload) const {
  if (workload.called) return workload.called;
  return address_for({workload.from, workload.to});
}

std::vector<Route> NetworkPlan::given_routes(int node) const {
  const NodeSpec& spec = scenario_.nodes[static_cast<size_t>(node)];
  const bool are_given = spec.kind == NodeKind::kRouter
                             ? spec.routing.kind == RoutingKind::kStatic
                             : scenario_.plane(spec.plane).routing != RoutingKind::kNone;
  const Routing* routing = routing_of(node);
  return are_given && routing != nullptr ? routing->routes(node) : std::vector<Route>();
}

const Routing* NetworkPlan::routing_of(int node) const {
  return routings_[static_cast<size_t>(plane_of_node_[static_cast<size_t>(node)])].get();
}

const PlaneSpec& NetworkPlan::plane_of(const LinkSpec& link) const {
  return scenario_.planes[static_cast<size_t>(plane_of_node_[static_cast<size_t>(link.a.node)])];
}

// ---- tunnels ----------------------------------------------------------------------------------

void NetworkPlan::plan_tunnels() {
  for (size_t i = 0; i < scenario_.links.size(); ++i) {
    const LinkSpec& link = scenario_.links[i];
    const int host_a = overlay_host_of(link.a.node);
    const int host_b = overlay_host_of(link.b.node);
    if (host_a == host_b) continue;
    TunnelPlan tunnel{static_cast<int>(i), host_a, host_b, plan_tunnel_end(link, host_a, host_b),
                      plan_tunnel_end(link, host_b, host_a)};
    const uint64_t a_to_b = stable_hash(wire_name(scenario_, link, true), scenario_.seed);
    const uint64_t b_to_a = stable_hash(wire_name(scenario_, link, false), scenario_.seed);
    tunnel.end_a.send_session = tunnel.end_b.receive_session = a_to_b;
    tunnel.end_b.send_session = tunnel.end_a.receive_session = b_to_a;
    tunnels_.push_back(std::move(tunnel));
  }
}

TunnelSpec NetworkPlan::plan_tunnel_end(const LinkSpec& link, int local, int remote) const {
  const std::string& remote_name = topology_.nodes()[static_cast<size_t>(remote)].name;
  const std::string& local_name = topology_.nodes()[static_cast<size_t>(local)].name;
  const Routing* routing = routing_of(local);
  const std::optional<IpAddress> there =
      routing == nullptr ? std::nullopt : routing->address_for({local, remote});
  const std::optional<IpAddress> here =
      routing == nullptr ? std::nullopt : routing->address_for({remote, local});
  const std::optional<TopologyPath> path = there ? routing->path(local, *there) : std::nullopt;
  if (!here || !path) {
    throw InputError(link.at, "the link " + link.full_name() + " needs a tunnel from " +
                                  local_name + " to " + remote_name +
                                  ", and the underlay has no route between them");
  }
  const PlaneSpec& violin = plane_of(link);
  TunnelSpec spec;
  spec.local = *here;
  spec.remote = *there;
  spec.encrypted = violin.encryption != Encryption::kNone;
  spec.cost = violin.tunnel_cost.cost;
  for (const LinkStep step : path->steps) {
    const LinkSpec& crossed = scenario_.links[static_cast<size_t>(step.link)];
    spec.path_mtu = std::min(spec.path_mtu, (step.a_to_b ? crossed.a_to_b : crossed.b_to_a).mtu);
  }
  return spec;
}

const TunnelPlan* NetworkPlan::tunnel_of(int link) const {
  const auto at =
      std::lower_bound(tunnels_.begin(), tunnels_.end(), link,
                       [](const TunnelPlan& plan, int wanted) { return plan.link < wanted; });
  return at != tunnels_.end() && at->link == link ? &*at : nullptr;
}

// ---- paths ------------------------------------------------------------------------------------

int NetworkPlan::owner_of(IpAddress address, int viewer) const {
  const std::string& plane = scenario_.nodes[static_cast<size_t>(viewer)].plane;
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    if (scenario_.nodes[i].plane != plane) continue;
    for (const InterfaceSpec& interface : scenario_.nodes[i].interfaces) {
      for (const InterfaceAddress& own : interface.addresses) {
        if (own.address == address) return static_cast<int>(i);
      }
    }
  }
  return -1;
}

std::optional<IpAddress> NetworkPlan::address_for(NodePair ends) const {
  const Routing* routing = routing_of(ends.from);
  return routing == nullptr ? std::nullopt : routing->address_for(ends);
}

std::vector<LinkStep> NetworkPlan::path(NodePair ends) const {
  const Routing* routing = routing_of(ends.from);
  const std::optional<TopologyPath> found = routing == nullptr ? std::nullopt : routing->path(ends);
  std::vector<LinkStep> steps;
  if (!found) return steps;
  for (const LinkStep step : found->steps) {
    steps.push_back(step);
    const TunnelPlan* tunnel = tunnel_of(step.link);
    if (tunnel == nullptr) continue;
    const NodePair hosts = step.a_to_b ? NodePair{tunnel->host_a, tunnel->host_b}
                                       : NodePair{tunnel->host_b, tunnel->host_a};
    const std::vector<LinkStep> carried = path(hosts);
    steps.insert(steps.end(), carried.begin(), carried.end());
  }
  return steps;
}

std::optional<Duration> NetworkPlan::unloaded_round_trip(NodePair ends, Bytes frame) const {
  const IdlePath idle(*this);
  const std::optional<Duration> there = idle.one_way(ends, frame);
  const std::optional<Duration> back = idle.one_way({ends.to, ends.from}, frame);
  if (!there || !back) return std::nullopt;
  return *there + *back;
}

}  // namespace violin
