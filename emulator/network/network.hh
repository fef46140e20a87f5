#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "core/buffers.hh"
#include "core/scheduler.hh"
#include "emulator/network/network_outside.hh"
#include "emulator/network/network_plan.hh"
#include "emulator/scenario/node_backend.hh"
#include "models/link/wire.hh"
#include "models/node/host.hh"
#include "models/node/learning_switch.hh"
#include "models/node/router.hh"
#include "models/tunnel/tunnel_terminal.hh"

namespace violin {

// Everything of a planned network, or of one slice of it, that has state: nodes, wires, flights,
// tunnel ends, and the scheduler that drives them. Built in one go, in scenario order; nothing
// moves afterwards. Workloads and events are put on top (workload_set.hh, event_script.hh).
//
// A slice owns some of the nodes. A link between an owned node and another has its Wire on the
// sender's side and its Flight on the receiver's; what leaves the slice goes to its Frontier.
class Network {
 public:
  using Outside = NetworkOutside;
  struct Slice {
    std::vector<bool> owned;       // by node
    Frontier* frontier = nullptr;  // told of wires by their number: 2 x link + (a->b ? 0 : 1)
    Outside* outside = nullptr;    // what is not modelled; null = all is
    ClockKind clock = ClockKind::kVirtual;  // real = no digests, super-frames may pass
  };
  struct Tunnel {
    const TunnelPlan* plan = nullptr;
    std::unique_ptr<TunnelEnd> end_a, end_b;  // null where the slice does not own that end
  };

  explicit Network(const NetworkPlan& plan, BufferLimits limits = {});
  Network(const NetworkPlan& plan, Slice slice, BufferLimits limits = {});
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const NetworkPlan& plan() const { return plan_; }
  const Scenario& scenario() const { return plan_.scenario(); }
  Scheduler& scheduler() { return scheduler_; }
  BufferPools& pools() { return pools_; }
  const MeasureWindow& window() const { return window_; }
  ClockKind clock() const { return slice_.clock; }
  bool is_real() const { return slice_.clock == ClockKind::kReal; }

  // By the numbers of the scenario; null for what another slice owns.
  Node* node(int index) const { return nodes_[static_cast<size_t>(index)].get(); }
  Host* host(int index) const;
  IpNode* ip_node(int index) const;
  Wire* wire(int link, bool a_to_b) const { return wires_[wire_number(link, a_to_b)]; }
  Flight* flight(int link, bool a_to_b) const { return flights_[wire_number(link, a_to_b)]; }
  const std::vector<Tunnel>& tunnels() const { return tunnels_; }
  // By overlay host; null where no tunnel ends.
  const std::vector<std::unique_ptr<TunnelTerminal>>& terminals() const { return terminals_; }

  // See Outside; zero under the virtual clock.
  Duration lead(int link, bool a_to_b) const {
    return is_real() ? slice_.outside->lead(link, a_to_b) : Duration();
  }

  static size_t wire_number(int link, bool a_to_b) {
    return static_cast<size_t>(link) * 2 + (a_to_b ? 0 : 1);
  }
  // A frame from another slice, to come out of the far end of wire `number` at `due`.
  void accept(size_t number, Frame frame, Time due);
  // That wire went down in its own slice: what was accepted so far and is under way is lost.
  void accept_down(size_t number);

  uint64_t frame_hops() const;
  // Of every wire whose far end is in one of these slices, combined in name order.
  static uint64_t digest(std::span<const Network* const> slices);
  // Asserts that no frame appeared or vanished, at any wire or node.
  void check_conservation() const;

  // Gives an entity its rank among the network's: for what is built on top of it before it runs.
  void add_entity(Entity& entity) { entities_.push_back(&entity); }
  // Ranks all entities. To be called once, after everything was built and before it runs.
  void rank_entities();

 private:
  bool owns(int node) const {
    return slice_.owned.empty() || slice_.owned[static_cast<size_t>(node)];
  }
  void build();
  std::unique_ptr<Node> make_node(int index, const NodeContext& context);
  void open_tunnel(const TunnelPlan& plan, bool at_a);
  void add_interfaces(int index);
  void build_link(int link);
  void build_direction(int link, bool a_to_b);
  void build_tunnel(const TunnelPlan& plan);
  std::unique_ptr<TunnelEnd> make_tunnel_end(const TunnelPlan& plan, bool at_a);
  TunnelTerminal& terminal_of(int overlay_host);
  void connect_tunnel(const Tunnel& tunnel);

  const NetworkPlan& plan_;
  Slice slice_;
  BufferPools pools_;
  Scheduler scheduler_;
  MeasureWindow window_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<bool> is_outside_;  // by node: not one of our models
  std::deque<Flight> flight_store_;
  std::deque<Wire> wire_store_;
  std::vector<Flight*> flights_;
  std::vector<Wire*> wires_;
  std::vector<std::unique_ptr<TunnelTerminal>> terminals_;  // by overlay host; mostly null
  std::vector<Tunnel> tunnels_;
  std::vector<Entity*> entities_;
};

}  // namespace violin
