#pragma once

#include <map>
#include <vector>

#include "core/route_graph.hh"
#include "core/routing.hh"

namespace violin {

// Fills the tables of a Routing for one address family. Lives only while a Routing is made.
class RoutePlanner {
 public:
  RoutePlanner(Routing& routing, Routing::Family family);
  void plan();

 private:
  using Entry = Routing::Entry;
  using Table = Routing::Table;

  // What a host does with traffic for prefixes it is not attached to.
  enum class HostRoutes { kNone, kDefault, kFull };
  struct Host {
    int node;
    std::vector<RouteGraph::Arc> arcs;  // its ways out; the source is not numbered yet
  };
  // A prefix reached through a router: its vertex, that is its place in the order of names.
  struct AttachedRouter {
    int prefix;
    int vertex;
    auto operator<=>(const AttachedRouter&) const = default;
  };

  void collect_nodes();
  void collect_attached_routers();
  HostRoutes choose_host_routes(int node, int& default_via) const;
  void plan_hosts();
  std::vector<RouteGraph::Arc> find_arcs();
  void find_arcs_of_subnet(int subnet, std::vector<RouteGraph::Arc>& arcs);
  void plan_full_tables();
  Table connected_table(int node) const;
  Table full_table(int node, int source, const RouteGraph& graph, RouteGraph::Answer& answer) const;
  void assign(int node, int table) { table_of_node_[node] = table; }
  int keep(Table table);
  int lowest_address(int node, int interface, int subnet) const;
  bool is_ours(int attachment) const;

  Routing& routing_;
  const Topology& topology_;
  const SubnetMap& subnets_;
  const Routing::Family family_;
  std::vector<int>& table_of_node_;

  std::vector<int> routers_;           // in name order: the index is the vertex
  std::vector<int> vertex_of_router_;  // by node; -1 = none
  std::vector<AttachedRouter> attached_routers_;
  std::vector<std::vector<int>> routers_of_subnet_;  // attachments
  std::vector<Host> full_hosts_;
  std::vector<int> full_host_of_node_;  // index into full_hosts_, -1 = none
  std::vector<char> subnet_has_full_host_;
  int vertices_ = 0;
  std::map<Table, int> shared_tables_;  // of hosts
};

}  // namespace violin
