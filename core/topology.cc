#include "core/topology.hh"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths_no_color_map.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <functional>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "core/check.hh"
#include "core/path_cost.hh"
#include "core/units.hh"

namespace violin {

namespace {

struct Arc {
  LinkStep step;
  PathCost cost;
};

// Both directions of every link, in one array sorted by node: 32 bytes a direction.
using ArcGraph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Arc,
                                                    boost::no_property, uint32_t, uint32_t>;
using ArcDescriptor = boost::graph_traits<ArcGraph>::edge_descriptor;

// Hides the arcs that leave a node which does not forward, unless the path starts there.
struct Forwards {
  const ArcGraph* graph = nullptr;
  const std::vector<TopologyNode>* nodes = nullptr;
  int start = -1;
  Transit transit = Transit::kSwitches;

  bool may_leave(int node) const {
    const TopologyNode::Kind kind = (*nodes)[node].kind;
    if (node == start || kind == TopologyNode::Kind::kSwitch) return true;
    return kind == TopologyNode::Kind::kRouter && transit == Transit::kSwitchesAndRouters;
  }
  bool operator()(const ArcDescriptor& arc) const {
    return may_leave(static_cast<int>(boost::source(arc, *graph)));
  }
};

using CutGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                          boost::property<boost::edge_index_t, uint32_t>>;

// One plane as an undirected Boost graph. Its vertices are all nodes of the topology (those of
// other planes stay alone); an edge's index is the link's number.
CutGraph cut_graph(const Topology& topology, std::string_view plane) {
  CutGraph graph(topology.nodes().size());
  for (size_t link = 0; link < topology.links().size(); ++link) {
    const TopologyLink& ends = topology.links()[link];
    if (topology.nodes()[ends.a].plane != plane || ends.a == ends.b) continue;
    boost::add_edge(ends.a, ends.b, static_cast<uint32_t>(link), graph);
  }
  return graph;
}

void find_link_problems(const Topology& topology, std::vector<TopologyProblem>& problems) {
  const auto add = [&problems](int link, std::string text) {
    problems.push_back({-1, link, std::move(text)});
  };
  std::vector<std::tuple<int, int, int>> used;  // node, interface, link
  for (size_t number = 0; number < topology.links().size(); ++number) {
    const int link = static_cast<int>(number);
    const TopologyLink& ends = topology.links()[number];
    const TopologyNode& a = topology.nodes()[ends.a];
    const TopologyNode& b = topology.nodes()[ends.b];
    if (ends.a == ends.b) add(link, "joins " + a.name + " to itself");
    if (a.plane != b.plane) {
      add(link, "joins " + a.plane + "/" + a.name + " to " + b.plane + "/" + b.name +
                    ": a link stays inside one plane");
    }
    for (const Duration delay : {ends.a_to_b, ends.b_to_a}) {
      if (delay >= Duration() && delay <= Topology::kMaximumDelay) continue;
      add(link, "has a delay of " + to_string(delay) + ", not between 0 and 1 hour");
    }
    used.emplace_back(ends.a, ends.a_interface, link);
    used.emplace_back(ends.b, ends.b_interface, link);
  }
  std::sort(used.begin(), used.end());
  for (size_t i = 1; i < used.size(); ++i) {
    const auto [node, interface, link] = used[i];
    if (std::tie(node, interface) != std::tie(std::get<0>(used[i - 1]), std::get<1>(used[i - 1]))) {
      continue;
    }
    add(link, "ends at interface " + std::to_string(interface) + " of " +
                  topology.nodes()[node].name + ", which already has a link");
  }
}

void find_placement_problems(const Topology& topology, std::vector<TopologyProblem>& problems) {
  for (size_t number = 0; number < topology.nodes().size(); ++number) {
    const TopologyNode& node = topology.nodes()[number];
    const int self = static_cast<int>(number);
    const bool placed = node.placed_on >= 0;
    if (node.plane == kUnderlayPlane || !topology.has_underlay()) {
      if (placed) problems.push_back({self, -1, node.name + " cannot be placed on a host"});
      continue;
    }
    if (!placed) {
      problems.push_back({self, -1, node.name + " is not placed on an underlay host"});
      continue;
    }
    const bool exists = node.placed_on < static_cast<int>(topology.nodes().size());
    if (exists && topology.nodes()[node.placed_on].plane == kUnderlayPlane &&
        topology.nodes()[node.placed_on].kind == TopologyNode::Kind::kHost) {
      continue;
    }
    problems.push_back({self, -1,
                        node.name + " is placed on " +
                            (exists ? topology.nodes()[node.placed_on].name : "nothing") +
                            ", which is not a host of the underlay"});
  }
}

void find_repeated_names(const Topology& topology, std::vector<TopologyProblem>& problems) {
  std::vector<int> order(topology.nodes().size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  const auto key = [&](int node) {
    return std::tie(topology.nodes()[node].plane, topology.nodes()[node].name);
  };
  std::sort(order.begin(), order.end(), [&](int left, int right) {
    return key(left) != key(right) ? key(left) < key(right) : left < right;
  });
  for (size_t i = 1; i < order.size(); ++i) {
    if (key(order[i - 1]) != key(order[i])) continue;
    problems.push_back({order[i], -1,
                        "there is already a node " + topology.nodes()[order[i]].name +
                            " in plane " + topology.nodes()[order[i]].plane});
  }
}

}  // namespace

struct Topology::Index {
  ArcGraph arcs;
};

Topology::Topology() = default;
Topology::~Topology() = default;
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology&&) noexcept = default;

int Topology::add_node(TopologyNode node) {
  index_.reset();
  has_underlay_ |= node.plane == kUnderlayPlane;
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

int Topology::add_link(TopologyLink link) {
  for (const int end : {link.a, link.b}) {
    CHECK_COMPARE(end, >=, 0);
    CHECK_COMPARE(end, <, static_cast<int>(nodes_.size()));
  }
  index_.reset();
  links_.push_back(link);
  return static_cast<int>(links_.size()) - 1;
}

int Topology::source(LinkStep step) const {
  return step.a_to_b ? links_[step.link].a : links_[step.link].b;
}
int Topology::target(LinkStep step) const {
  return step.a_to_b ? links_[step.link].b : links_[step.link].a;
}
int Topology::source_interface(LinkStep step) const {
  return step.a_to_b ? links_[step.link].a_interface : links_[step.link].b_interface;
}
int Topology::target_interface(LinkStep step) const {
  return step.a_to_b ? links_[step.link].b_interface : links_[step.link].a_interface;
}
Duration Topology::delay(LinkStep step) const {
  return step.a_to_b ? links_[step.link].a_to_b : links_[step.link].b_to_a;
}

const Topology::Index& Topology::index() const {
  if (index_) return *index_;
  std::vector<std::pair<uint32_t, uint32_t>> ends;
  std::vector<Arc> arcs;
  ends.reserve(links_.size() * 2);
  arcs.reserve(links_.size() * 2);
  for (size_t link = 0; link < links_.size(); ++link) {
    for (const bool a_to_b : {true, false}) {
      const LinkStep step{static_cast<int>(link), a_to_b};
      ends.emplace_back(source(step), target(step));
      arcs.push_back({step, {delay(step), 1}});
    }
  }
  index_ = std::make_unique<Index>(
      Index{ArcGraph(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(), arcs.begin(),
                     static_cast<uint32_t>(nodes_.size()))});
  return *index_;
}

std::vector<LinkStep> Topology::steps_from(int node) const {
  const ArcGraph& arcs = index().arcs;
  std::vector<LinkStep> steps;
  const auto [first, last] = boost::out_edges(static_cast<uint32_t>(node), arcs);
  for (auto arc = first; arc != last; ++arc) steps.push_back(arcs[*arc].step);
  std::sort(steps.begin(), steps.end(), [this](LinkStep left, LinkStep right) {
    return std::pair(source_interface(left), left.link) <
           std::pair(source_interface(right), right.link);
  });
  return steps;
}

std::vector<TopologyProblem> Topology::problems() const {
  std::vector<TopologyProblem> problems;
  find_repeated_names(*this, problems);
  find_placement_problems(*this, problems);
  find_link_problems(*this, problems);
  return problems;
}

std::vector<std::vector<int>> Topology::components(std::string_view plane) const {
  std::vector<int> island_of(nodes_.size());
  const CutGraph graph = cut_graph(*this, plane);
  const int islands = boost::connected_components(
      graph,
      boost::make_iterator_property_map(island_of.begin(), boost::get(boost::vertex_index, graph)));
  std::vector<std::vector<int>> result;
  std::vector<int> place(islands, -1);  // in the result; nodes of other planes have none
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].plane != plane) continue;
    int& island = place[island_of[node]];
    if (island < 0) {
      island = static_cast<int>(result.size());
      result.emplace_back();
    }
    result[island].push_back(static_cast<int>(node));
  }
  return result;
}

std::vector<int> Topology::articulation_points(std::string_view plane) const {
  std::vector<size_t> found;
  boost::articulation_points(cut_graph(*this, plane), std::back_inserter(found));
  std::vector<int> result(found.begin(), found.end());
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<int> Topology::bridges(std::string_view plane) const {
  const CutGraph graph = cut_graph(*this, plane);
  // Boost never looks at a second edge to the parent, so of two parallel links it leaves one
  // without a component and the other alone in its own. Neither is a bridge: counted here.
  std::map<std::pair<int, int>, int> parallel;
  for (const TopologyLink& link : links_) ++parallel[std::minmax(link.a, link.b)];

  constexpr size_t kNone = std::numeric_limits<size_t>::max();
  std::vector<size_t> component(links_.size(), kNone);
  const auto component_of =
      boost::make_iterator_property_map(component.begin(), boost::get(boost::edge_index, graph));
  const size_t components = boost::biconnected_components(graph, component_of);
  std::vector<int> size(components, 0);
  for (const size_t of_link : component) {
    if (of_link != kNone) ++size[of_link];
  }
  std::vector<int> result;
  for (size_t link = 0; link < links_.size(); ++link) {
    if (component[link] == kNone || size[component[link]] != 1) continue;
    if (parallel[std::minmax(links_[link].a, links_[link].b)] != 1) continue;
    result.push_back(static_cast<int>(link));
  }
  return result;
}

std::optional<TopologyPath> Topology::shortest_path(NodePair ends, Transit transit) const {
  const ArcGraph& arcs = index().arcs;
  const Forwards forwards{&arcs, &nodes_, ends.from, transit};
  const boost::filtered_graph<ArcGraph, Forwards> graph(arcs, forwards);
  std::vector<PathCost> cost(nodes_.size(), PathCost::unreachable());
  boost::dijkstra_shortest_paths_no_color_map(
      graph, static_cast<uint32_t>(ends.from), boost::dummy_property_map(),
      boost::make_iterator_property_map(cost.begin(), boost::get(boost::vertex_index, arcs)),
      boost::get(&Arc::cost, arcs), boost::get(boost::vertex_index, arcs), std::less<PathCost>(),
      std::plus<PathCost>(), PathCost::unreachable(), PathCost::zero(),
      boost::default_dijkstra_visitor());
  if (!cost[ends.to].reachable()) return std::nullopt;

  TopologyPath path{{}, cost[ends.to].delay};
  for (int node = ends.to; node != ends.from;) {
    std::optional<LinkStep> best;
    for (const LinkStep outward : steps_from(node)) {
      const LinkStep inward{outward.link, !outward.a_to_b};
      const int before = source(inward);
      if (!cost[before].reachable() || !forwards.may_leave(before)) continue;
      if (cost[before] + PathCost{delay(inward), 1} != cost[node]) continue;
      const auto preference = [this](LinkStep step) {
        return std::pair(std::string_view(nodes_[source(step)].name), source_interface(step));
      };
      if (!best || preference(inward) < preference(*best)) best = inward;
    }
    CHECK(best.has_value());
    path.steps.push_back(*best);
    node = source(*best);
  }
  std::reverse(path.steps.begin(), path.steps.end());
  return path;
}

std::optional<Duration> Topology::distance(NodePair ends, Transit transit) const {
  const std::optional<TopologyPath> path = shortest_path(ends, transit);
  if (!path) return std::nullopt;
  return path->delay;
}

}  // namespace violin
