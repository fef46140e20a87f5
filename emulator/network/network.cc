#include "emulator/network/network.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {

Network::Network(const NetworkPlan& plan, BufferLimits limits) : Network(plan, Slice{}, limits) {}

Network::Network(const NetworkPlan& plan, Slice slice, BufferLimits limits)
    : plan_(plan),
      slice_(std::move(slice)),
      pools_(limits),
      window_{scenario().measure_from, scenario().measure_to} {
  build();
}

// The whole wiring: nodes with their interfaces and routes, then links, then tunnels.
void Network::build() {
  const Scenario& scenario = plan_.scenario();
  const NodeContext context{scheduler_, pools_, scenario.seed};
  nodes_.reserve(scenario.nodes.size());
  is_outside_.resize(scenario.nodes.size());
  for (size_t i = 0; i < scenario.nodes.size(); ++i) {
    const int index = static_cast<int>(i);
    nodes_.push_back(owns(index) ? make_node(index, context) : nullptr);
    if (!owns(index)) continue;
    add_entity(nodes_.back()->entity());
    add_interfaces(index);
    if (IpNode* ip = ip_node(index)) ip->add_routes(plan_.given_routes(index));
  }
  flights_.resize(scenario.links.size() * 2);
  wires_.resize(scenario.links.size() * 2);
  for (size_t i = 0; i < scenario.links.size(); ++i) build_link(static_cast<int>(i));
  terminals_.resize(scenario.nodes.size());
  for (const TunnelPlan& tunnel : plan_.tunnels()) build_tunnel(tunnel);
}

std::unique_ptr<Node> Network::make_node(int index, const NodeContext& context) {
  if (slice_.outside != nullptr) {
    std::unique_ptr<Node> outside = slice_.outside->make_node(index, context);
    is_outside_[static_cast<size_t>(index)] = outside != nullptr;
    if (outside) return outside;
  }
  const NodeSpec& spec = scenario().nodes[static_cast<size_t>(index)];
  switch (spec.kind) {
    case NodeKind::kHost:
      return std::make_unique<Host>(spec.full_name(), context);
    case NodeKind::kRouter:
      return std::make_unique<Router>(spec.full_name(), context);
    case NodeKind::kSwitch:
      return std::make_unique<LearningSwitch>(spec.full_name(), context);
  }
  return nullptr;
}

void Network::add_interfaces(int index) {
  const NodeSpec& spec = scenario().nodes[static_cast<size_t>(index)];
  for (const InterfaceSpec& interface : spec.interfaces) {
    int64_t mtu = 1500;
    if (interface.link >= 0) {
      const LinkSpec& link = scenario().links[static_cast<size_t>(interface.link)];
      mtu = (link.a.node == index ? link.a_to_b : link.b_to_a).mtu;
    }
    node(index)->add_nic(
        {interface.name, mac_address_of(spec, interface), interface.addresses, mtu});
  }
}

void Network::build_link(int link) {
  build_direction(link, true);
  build_direction(link, false);
}

void Network::build_direction(int link, bool a_to_b) {
  const LinkSpec& spec = scenario().links[static_cast<size_t>(link)];
  const LinkEnd& from = a_to_b ? spec.a : spec.b;
  const LinkEnd& to = a_to_b ? spec.b : spec.a;
  // A link with a tunnel in it ends, as far as its wire goes, at the sender's own overlay host.
  const bool tunnelled = plan_.overlay_host_of(from.node) != plan_.overlay_host_of(to.node);
  const bool near_here = owns(from.node);
  const bool far_here = tunnelled ? near_here : owns(to.node);
  if (!near_here && !far_here) return;
  const size_t number = wire_number(link, a_to_b);
  Flight& flight = flight_store_.emplace_back(scheduler_, wire_name(scenario(), spec, a_to_b));
  flight.set_digested(!is_real());
  flights_[number] = &flight;
  add_entity(flight.entity());
  if (!far_here) {
    CHECK(slice_.frontier != nullptr);
    flight.set_frontier(*slice_.frontier, static_cast<uint32_t>(number));
  } else if (!tunnelled) {
    flight.set_sink(node(to.node)->nic(static_cast<size_t>(to.interface)));
  }
  if (!near_here) return;
  WireSpec near = a_to_b ? spec.a_to_b : spec.b_to_a;
  near.delay = near.delay - lead(link, a_to_b);
  Wire& wire =
      wire_store_.emplace_back(flight, near, Wire::Context{scenario().seed, window_, is_real()});
  wires_[number] = &wire;
  flight.set_feeder(wire);
  node(from.node)->nic(static_cast<size_t>(from.interface)).connect(wire);
}

void Network::build_tunnel(const TunnelPlan& plan) {
  const LinkSpec& link = scenario().links[static_cast<size_t>(plan.link)];
  Tunnel tunnel;
  tunnel.plan = &plan;
  if (is_real()) {
    if (owns(link.a.node)) open_tunnel(plan, /*at_a=*/true);
    if (owns(link.b.node)) open_tunnel(plan, /*at_a=*/false);
    return;
  }
  if (owns(link.a.node)) tunnel.end_a = make_tunnel_end(plan, /*at_a=*/true);
  if (owns(link.b.node)) tunnel.end_b = make_tunnel_end(plan, /*at_a=*/false);
  connect_tunnel(tunnel);
  tunnels_.push_back(std::move(tunnel));
}

void Network::open_tunnel(const TunnelPlan& plan, bool at_a) {
  const LinkSpec& link = scenario().links[static_cast<size_t>(plan.link)];
  const LinkEnd& inside = at_a ? link.a : link.b;
  const NodeContext context{scheduler_, pools_, scenario().seed};
  FrameSink& entrance = slice_.outside->open_tunnel(
      plan, at_a, context, node(inside.node)->nic(static_cast<size_t>(inside.interface)));
  flight(plan.link, at_a)->set_sink(entrance);
}

std::unique_ptr<TunnelEnd> Network::make_tunnel_end(const TunnelPlan& plan, bool at_a) {
  const LinkSpec& link = scenario().links[static_cast<size_t>(plan.link)];
  const LinkEnd& inside = at_a ? link.a : link.b;
  Host* overlay_host = host(at_a ? plan.host_a : plan.host_b);
  CHECK_MESSAGE(overlay_host != nullptr, "a virtual node and its overlay host are in one slice");
  auto end = std::make_unique<TunnelEnd>(
      scheduler_, wire_name(scenario(), link, at_a) + ".tunnel", at_a ? plan.end_a : plan.end_b,
      overlay_host->udp(), node(inside.node)->nic(static_cast<size_t>(inside.interface)));
  add_entity(end->entity());
  terminal_of(at_a ? plan.host_a : plan.host_b).attach(*end);
  return end;
}

void Network::connect_tunnel(const Tunnel& tunnel) {
  if (tunnel.end_a) flight(tunnel.plan->link, true)->set_sink(tunnel.end_a->entrance());
  if (tunnel.end_b) flight(tunnel.plan->link, false)->set_sink(tunnel.end_b->entrance());
}

TunnelTerminal& Network::terminal_of(int overlay_host) {
  std::unique_ptr<TunnelTerminal>& terminal = terminals_[static_cast<size_t>(overlay_host)];
  if (!terminal) {
    Host* host = this->host(overlay_host);
    terminal = std::make_unique<TunnelTerminal>(host->name() + ".tunnels", host->udp());
  }
  return *terminal;
}

Host* Network::host(int index) const {
  const bool is_host = scenario().nodes[static_cast<size_t>(index)].kind == NodeKind::kHost &&
                       !is_outside_[static_cast<size_t>(index)];
  return is_host ? static_cast<Host*>(node(index)) : nullptr;
}

IpNode* Network::ip_node(int index) const {
  const bool is_switch = scenario().nodes[static_cast<size_t>(index)].kind == NodeKind::kSwitch ||
                         is_outside_[static_cast<size_t>(index)];
  return is_switch ? nullptr : static_cast<IpNode*>(node(index));
}

void Network::accept(size_t number, Frame frame, Time due) {
  CHECK(flights_[number] != nullptr);
  flights_[number]->launch(std::move(frame), due, /*overtaking=*/true);
}

void Network::accept_down(size_t number) {
  CHECK(flights_[number] != nullptr);
  flights_[number]->drop_all();
}

uint64_t Network::frame_hops() const {
  uint64_t hops = 0;
  for (const Flight& flight : flight_store_) {
    if (!flight.is_stand_in()) hops += flight.delivered();
  }
  return hops;
}

uint64_t Network::digest(std::span<const Network* const> slices) {
  std::vector<const Flight*> by_name;
  for (const Network* slice : slices) {
    for (const Flight& flight : slice->flight_store_) {
      if (!flight.is_stand_in()) by_name.push_back(&flight);
    }
  }
  std::sort(by_name.begin(), by_name.end(),
            [](const Flight* left, const Flight* right) { return left->name() < right->name(); });
  DigestCombiner combiner;
  for (const Flight* flight : by_name) combiner.add(flight->name(), flight->digest());
  return combiner.value();
}

void Network::check_conservation() const {
  for (size_t i = 0; i < wires_.size(); ++i) {
    if (wires_[i] != nullptr && !is_real()) wires_[i]->check_conservation();
  }
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node != nullptr) CHECK_MESSAGE(node->counters().balanced(), node->name());
  }
  for (const Tunnel& tunnel : tunnels_) {
    if (tunnel.end_a) tunnel.end_a->check_conservation();
    if (tunnel.end_b) tunnel.end_b->check_conservation();
  }
}

void Network::rank_entities() { assign_ranks(entities_, scenario().seed); }

}  // namespace violin
