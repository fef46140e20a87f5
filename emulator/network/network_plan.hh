#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/routing.hh"
#include "core/topology.hh"
#include "emulator/scenario/scenario.hh"
#include "models/tunnel/tunnel_end.hh"

// What follows from a scenario before anything runs: the topology graph over all planes, the routes
// of each, which links need a tunnel and what that tunnel is told. `violin check` prints it, the
// network is built from it. Node and link numbers are those of the scenario.

namespace violin {

// How a virtual link between two overlay hosts is carried: one TunnelSpec per end.
struct TunnelPlan {
  int link = -1;    // of the scenario
  int host_a = -1;  // overlay hosts (nodes) of the link's ends
  int host_b = -1;
  TunnelSpec end_a;
  TunnelSpec end_b;
};

class NetworkPlan {
 public:
  // Throws InputError when the topology is wrong or a tunnel has no route. The scenario outlives
  // the plan.
  explicit NetworkPlan(const Scenario& scenario);

  const Scenario& scenario() const { return scenario_; }
  const Topology& topology() const { return topology_; }
  // The routes that are planned for the plane that `node` is in; null when the plane has routing:
  // none. What is planned is what is expected, too, of routers that find theirs by a protocol.
  const Routing* routing_of(int node) const;
  // The routes that a node is given before it starts: none to a router with a protocol.
  std::vector<Route> given_routes(int node) const;
  const std::vector<TunnelPlan>& tunnels() const { return tunnels_; }
  // The tunnel that carries a link; null when none does.
  const TunnelPlan* tunnel_of(int link) const;
  // The overlay host that carries a node: itself in the underlay, -1 without one.
  int overlay_host_of(int node) const {
    return topology_.nodes()[static_cast<size_t>(node)].placed_on;
  }

  // Under which address `from` reaches `to`; nothing when it cannot.
  std::optional<IpAddress> address_for(NodePair ends) const;
  // At which address the `to` of a workload is called: the workload's own, else address_for().
  std::optional<IpAddress> target_of(const WorkloadSpec& workload) const;
  // Which node has this address in the plane of `viewer`; -1 when none does.
  int owner_of(IpAddress address, int viewer) const;
  // Every step that frames take from one node to another, links between overlay hosts replaced by
  // the underlay links that carry them. Empty when there is no way.
  std::vector<LinkStep> path(NodePair ends) const;
  // What `frame` and its answer of the same length take on an idle network; see IdlePath.
  std::optional<Duration> unloaded_round_trip(NodePair ends, Bytes frame) const;

 private:
  void add_nodes();
  void add_links(bool underlay);
  void plan_routes(bool underlay);
  void plan_tunnels();
  TunnelSpec plan_tunnel_end(const LinkSpec& link, int local, int remote) const;
  Duration carrying_delay(const LinkSpec& link, bool a_to_b) const;
  const PlaneSpec& plane_of(const LinkSpec& link) const;

  const Scenario& scenario_;
  Topology topology_;
  std::vector<std::unique_ptr<Routing>> routings_;  // by plane; null = none
  std::vector<int> plane_of_node_;
  std::vector<TunnelPlan> tunnels_;  // by link
};

// Every interface's address is a hash of (plane, node, interface): the same in every run, and
// adding a node changes no other.
MacAddress mac_address_of(const NodeSpec& node, const InterfaceSpec& interface);

// "v1/h1--s1.h1->s1": the name of one direction of a link.
std::string wire_name(const Scenario& scenario, const LinkSpec& link, bool a_to_b);

}  // namespace violin
