#include "core/route_graph.hh"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths_no_color_map.hpp>
#include <functional>
#include <limits>
#include <utility>

namespace violin {

namespace {

struct ArcProperty {
  PathCost cost;
  int from_interface;
  int via;
};
using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, ArcProperty,
                                                 boost::no_property, uint32_t, uint32_t>;

constexpr int kNoInterface = std::numeric_limits<int>::max();
constexpr FirstHop kNoHop{kNoInterface, kNoInterface, kNoInterface};

// Notes the order in which vertices are settled, which is by rising cost.
class SettleOrder : public boost::default_dijkstra_visitor {
 public:
  explicit SettleOrder(std::vector<uint32_t>& order) : order_(&order) {}
  void examine_vertex(uint32_t vertex, const Graph&) { order_->push_back(vertex); }

 private:
  std::vector<uint32_t>* order_;
};

}  // namespace

struct RouteGraph::Impl {
  Graph graph;
};

RouteGraph::RouteGraph(int vertices, const std::vector<Arc>& arcs) {
  std::vector<std::pair<uint32_t, uint32_t>> ends;
  std::vector<ArcProperty> properties;
  for (const Arc& arc : arcs) {
    ends.emplace_back(arc.from, arc.to);
    properties.push_back({{arc.delay, 1}, arc.from_interface, arc.via});
  }
  impl_ = std::make_unique<Impl>(
      Impl{Graph(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(), properties.begin(),
                 static_cast<uint32_t>(vertices))});
}

RouteGraph::~RouteGraph() = default;

void RouteGraph::first_hops_from(int source, Answer& answer) const {
  const Graph& graph = impl_->graph;
  const size_t vertices = boost::num_vertices(graph);
  answer.cost.assign(vertices, PathCost::unreachable());
  std::vector<uint32_t> order;
  order.reserve(vertices);
  const auto index = boost::get(boost::vertex_index, graph);
  const auto start = static_cast<uint32_t>(source);
  boost::dijkstra_shortest_paths_no_color_map(
      graph, start, boost::dummy_property_map(),
      boost::make_iterator_property_map(answer.cost.begin(), index),
      boost::get(&ArcProperty::cost, graph), index, std::less<PathCost>(), std::plus<PathCost>(),
      PathCost::unreachable(), PathCost::zero(), SettleOrder(order));

  // Every arc makes a path strictly more costly (PathCost counts links), so when a vertex is
  // settled all vertices before it on shortest paths are, and one pass in that order sees every
  // shortest path. A switch reached before any router knows only the source's own interface.
  answer.first_hop.assign(vertices, kNoHop);
  std::vector<int> direct(vertices, kNoInterface);
  for (const uint32_t from : order) {
    const auto [first, last] = boost::out_edges(from, graph);
    for (auto arc = first; arc != last; ++arc) {
      const uint32_t to = boost::target(*arc, graph);
      const ArcProperty& property = graph[*arc];
      if (answer.cost[from] + property.cost != answer.cost[to]) continue;
      const int interface = from == start ? property.from_interface : direct[from];
      answer.first_hop[to] = std::min(answer.first_hop[to], answer.first_hop[from]);
      if (interface == kNoInterface) continue;
      if (property.via < 0) {
        direct[to] = std::min(direct[to], interface);
      } else {
        const FirstHop hop{static_cast<int>(to), interface, property.via};
        answer.first_hop[to] = std::min(answer.first_hop[to], hop);
      }
    }
  }
}

}  // namespace violin
