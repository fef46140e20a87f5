#include "emulator/routing/shortest_routes.hh"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/subnets.hh"
#include "emulator/routing/final_links.hh"
#include "emulator/routing/protocol_cost.hh"

namespace violin {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_weight_t, int64_t>>;
constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;
// RFC 2453 section 3.4: what is further than this cannot be reached.
constexpr int64_t kRipMax = 15;

}  // namespace

// The routers of one protocol, in all planes.
class ShortestRoutes::Domain {
 public:
  Domain(const Scenario& scenario, RoutingKind kind);
  std::vector<std::string> deviations(int node, const std::vector<TableRoute>& table) const;

 private:
  struct Attachment {
    int node;
    int64_t cost;
  };
  struct Neighbour {
    int node;
    LinkEnd entered;  // its interface
    int interface;    // ours
    int64_t cost;
  };
  const NodeSpec& node(int index) const { return scenario_.nodes[static_cast<size_t>(index)]; }
  bool takes_part(int index) const {
    return node(index).kind == NodeKind::kRouter && node(index).routing.kind == kind_;
  }
  int64_t cost_out_of(const LinkEnd& end) const;
  LinkEnd other_end(const LinkEnd& end) const;
  int link_index(const LinkEnd& end) const {
    return node(end.node).interfaces[static_cast<size_t>(end.interface)].link;
  }
  const LinkSpec& link_at(const LinkEnd& end) const {
    return scenario_.links[static_cast<size_t>(link_index(end))];
  }
  bool is_down(const LinkEnd& end) const {
    return states_[static_cast<size_t>(link_index(end))].down;
  }
  void add_attachments();
  void find_neighbours(int index);
  int64_t distance(int index, const IpPrefix& prefix) const;
  bool is_on_shortest_path(int index, const IpPrefix& prefix, const TableRoute::Hop& hop) const;
  bool is_attached(int index, const IpPrefix& prefix) const;

  const Scenario& scenario_;
  RoutingKind kind_;
  bool costs_are_known_ = true;
  std::vector<LinkState> states_;
  std::map<int, std::vector<int64_t>> distances_;  // from a router to every node
  std::map<int, std::vector<Neighbour>> neighbours_;
  std::map<IpPrefix, std::vector<Attachment>> attachments_;
};

ShortestRoutes::Domain::Domain(const Scenario& scenario, RoutingKind kind)
    : scenario_(scenario), kind_(kind), states_(final_links(scenario)) {
  for (const LinkSpec& link : scenario.links) {
    costs_are_known_ &= kind != RoutingKind::kOspf || link.ospf.area == 0;
  }
  Graph graph(scenario.nodes.size());
  for (const LinkSpec& link : scenario.links) {
    if (states_[static_cast<size_t>(&link - scenario.links.data())].down) continue;
    for (const bool forward : {true, false}) {
      const LinkEnd& from = forward ? link.a : link.b;
      const LinkEnd& to = forward ? link.b : link.a;
      const auto passes = [&](int index) {
        return takes_part(index) || node(index).kind == NodeKind::kSwitch;
      };
      if (!passes(from.node) || !passes(to.node)) continue;
      boost::add_edge(static_cast<size_t>(from.node), static_cast<size_t>(to.node),
                      cost_out_of(from), graph);
    }
  }
  for (size_t i = 0; i < scenario.nodes.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (!takes_part(index)) continue;
    costs_are_known_ &= node(index).routing.configuration.empty();
    std::vector<int64_t>& distance = distances_[index];
    distance.resize(scenario.nodes.size());
    boost::dijkstra_shortest_paths(graph, i,
                                   boost::distance_map(distance.data()).distance_inf(kFar));
    find_neighbours(index);
  }
  add_attachments();
}

// Of a switch nothing.
int64_t ShortestRoutes::Domain::cost_out_of(const LinkEnd& end) const {
  if (node(end.node).kind == NodeKind::kSwitch) return 0;
  const LinkSpec& link = link_at(end);
  return protocol_cost(kind_, link, link.a.node == end.node && link.a.interface == end.interface);
}

LinkEnd ShortestRoutes::Domain::other_end(const LinkEnd& end) const {
  const LinkSpec& link = link_at(end);
  const bool is_a = link.a.node == end.node && link.a.interface == end.interface;
  return is_a ? link.b : link.a;
}

// Routers that it hears, through switches.
void ShortestRoutes::Domain::find_neighbours(int index) {
  for (size_t i = 0; i < node(index).interfaces.size(); ++i) {
    const LinkEnd own{index, static_cast<int>(i)};
    std::vector<LinkEnd> ways = {own};
    std::set<int> switches;
    while (!ways.empty()) {
      const LinkEnd way = ways.back();
      ways.pop_back();
      if (is_down(way)) continue;
      const LinkEnd there = other_end(way);
      if (takes_part(there.node)) {
        if (there.node == index) continue;
        neighbours_[index].push_back({there.node, there, own.interface, cost_out_of(own)});
      } else if (node(there.node).kind == NodeKind::kSwitch && switches.insert(there.node).second) {
        for (size_t port = 0; port < node(there.node).interfaces.size(); ++port) {
          if (static_cast<int>(port) == there.interface) continue;
          ways.push_back({there.node, static_cast<int>(port)});
        }
      }
    }
  }
}

// An interface whose cable is down is announced by nobody, unless nobody can tell.
void ShortestRoutes::Domain::add_attachments() {
  for (const auto& [index, distance] : distances_) {
    for (size_t i = 0; i < node(index).interfaces.size(); ++i) {
      const InterfaceSpec& interface = node(index).interfaces[i];
      const LinkState& state = states_[static_cast<size_t>(interface.link)];
      if (state.down && !state.silent) continue;
      const bool adds = kind_ == RoutingKind::kOspf || kind_ == RoutingKind::kIsis;
      const int64_t cost = adds ? cost_out_of({index, static_cast<int>(i)}) : 0;
      for (const InterfaceAddress& address : interface.addresses) {
        if (is_link_local(address.prefix())) continue;
        attachments_[address.prefix()].push_back({index, cost});
      }
    }
  }
}

int64_t ShortestRoutes::Domain::distance(int index, const IpPrefix& prefix) const {
  int64_t nearest = kFar;
  for (const Attachment& there : attachments_.at(prefix)) {
    const int64_t way = distances_.at(index)[static_cast<size_t>(there.node)];
    if (way < kFar) nearest = std::min(nearest, way + there.cost);
  }
  return kind_ == RoutingKind::kRip && nearest >= kRipMax ? kFar : nearest;
}

bool ShortestRoutes::Domain::is_attached(int index, const IpPrefix& prefix) const {
  const std::vector<Attachment>& all = attachments_.at(prefix);
  return std::any_of(all.begin(), all.end(), [&](const auto& a) { return a.node == index; });
}

bool ShortestRoutes::Domain::is_on_shortest_path(int index, const IpPrefix& prefix,
                                                 const TableRoute::Hop& hop) const {
  const auto address = IpAddress::parse(hop.via);
  if (!address || neighbours_.count(index) == 0) return false;
  const bool is_local = is_link_local(IpPrefix(*address, address->is_v6() ? 128 : 32));
  const std::vector<Neighbour>& all = neighbours_.at(index);
  return std::any_of(all.begin(), all.end(), [&](const Neighbour& next) {
    const InterfaceSpec& entered =
        node(next.node).interfaces[static_cast<size_t>(next.entered.interface)];
    const bool is_meant =
        node(index).interfaces[static_cast<size_t>(next.interface)].name == hop.interface &&
        (is_local ||
         std::any_of(entered.addresses.begin(), entered.addresses.end(),
                     [&](const InterfaceAddress& own) { return own.address == *address; }));
    return is_meant && next.cost + distance(next.node, prefix) == distance(index, prefix);
  });
}

std::vector<std::string> ShortestRoutes::Domain::deviations(
    int index, const std::vector<TableRoute>& table) const {
  std::vector<std::string> found;
  std::set<IpPrefix> known;
  for (const TableRoute& route : table) {
    const auto prefix = IpPrefix::parse(route.prefix);
    if (!prefix || route.protocol == "kernel") continue;
    known.insert(*prefix);
    if (attachments_.count(*prefix) == 0 || distance(index, *prefix) >= kFar) {
      found.push_back("a route to " + route.prefix + ", which nobody can reach");
    }
    if (attachments_.count(*prefix) == 0 || !costs_are_known_) continue;
    for (const TableRoute::Hop& hop : route.hops) {
      if (is_attached(index, *prefix) || is_on_shortest_path(index, *prefix, hop)) continue;
      found.push_back("the way to " + route.prefix + " by " + hop.via + " at " + hop.interface +
                      " is not a shortest one");
    }
  }
  for (const auto& [prefix, where] : attachments_) {
    if (is_attached(index, prefix) || known.count(prefix) > 0) continue;
    if (distance(index, prefix) < kFar) found.push_back("no route to " + to_string(prefix));
  }
  return found;
}

ShortestRoutes::ShortestRoutes(const Scenario& scenario) : scenario_(scenario) {
  domains_.resize(routing_names().size());
  for (const NodeSpec& node : scenario.nodes) {
    const auto kind = static_cast<size_t>(node.routing.kind);
    if (node.kind != NodeKind::kRouter || !is_protocol(node.routing.kind)) continue;
    if (domains_[kind] == nullptr) {
      domains_[kind] = std::make_unique<const Domain>(scenario, node.routing.kind);
    }
  }
}

ShortestRoutes::~ShortestRoutes() = default;

std::vector<std::string> ShortestRoutes::deviations(int node,
                                                    const std::vector<TableRoute>& table) const {
  const NodeSpec& spec = scenario_.nodes[static_cast<size_t>(node)];
  return domains_[static_cast<size_t>(spec.routing.kind)]->deviations(node, table);
}

}  // namespace violin
