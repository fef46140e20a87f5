#include "core/route_planner.hh"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/check.hh"

namespace violin {

using Kind = TopologyNode::Kind;

RoutePlanner::RoutePlanner(Routing& routing, Routing::Family family)
    : routing_(routing),
      topology_(routing.topology_),
      subnets_(routing.subnets_),
      family_(family),
      table_of_node_(routing.table_of_node_[family]) {}

void RoutePlanner::plan() {
  table_of_node_.assign(topology_.nodes().size(), -1);
  collect_nodes();
  if (routing_.options_.direct_only) {
    for (const int router : routers_) assign(router, keep(connected_table(router)));
    plan_hosts();
    return;
  }
  collect_attached_routers();
  plan_hosts();
  plan_full_tables();
}

bool RoutePlanner::is_ours(int attachment) const {
  return subnets_.attachments()[attachment].address.is_v6() == (family_ == Routing::kV6);
}

void RoutePlanner::collect_nodes() {
  vertex_of_router_.assign(topology_.nodes().size(), -1);
  full_host_of_node_.assign(topology_.nodes().size(), -1);
  for (size_t node = 0; node < topology_.nodes().size(); ++node) {
    if (topology_.nodes()[node].kind != Kind::kRouter) continue;
    const auto attached = subnets_.attachments_of_node(static_cast<int>(node));
    if (std::any_of(attached.begin(), attached.end(), [this](int item) { return is_ours(item); })) {
      routers_.push_back(static_cast<int>(node));
    }
  }
  std::sort(routers_.begin(), routers_.end(), [this](int left, int right) {
    return topology_.nodes()[left].name < topology_.nodes()[right].name;
  });
  for (size_t i = 0; i < routers_.size(); ++i) vertex_of_router_[routers_[i]] = static_cast<int>(i);
  vertices_ = static_cast<int>(routers_.size());
}

void RoutePlanner::collect_attached_routers() {
  routers_of_subnet_.resize(subnets_.subnets().size());
  subnet_has_full_host_.assign(subnets_.subnets().size(), 0);
  for (const int router : routers_) {
    for (const int item : subnets_.attachments_of_node(router)) {
      if (!is_ours(item)) continue;
      const SubnetMap::Attachment& attachment = subnets_.attachments()[item];
      const int prefix = subnets_.subnets()[attachment.subnet].prefix;
      routers_of_subnet_[attachment.subnet].push_back(item);
      if (is_link_local(subnets_.prefixes()[prefix])) continue;
      attached_routers_.push_back({prefix, vertex_of_router_[router]});
    }
  }
  std::sort(attached_routers_.begin(), attached_routers_.end());
  attached_routers_.erase(std::unique(attached_routers_.begin(), attached_routers_.end()),
                          attached_routers_.end());
}

RoutePlanner::Table RoutePlanner::connected_table(int node) const {
  Table table;
  for (const int item : subnets_.attachments_of_node(node)) {
    if (!is_ours(item)) continue;
    const SubnetMap::Attachment& attachment = subnets_.attachments()[item];
    table.push_back({subnets_.subnets()[attachment.subnet].prefix, attachment.interface, -1});
  }
  std::sort(table.begin(), table.end());
  const auto same_prefix = [](const Entry& left, const Entry& right) {
    return left.prefix == right.prefix;
  };
  table.erase(std::unique(table.begin(), table.end(), same_prefix), table.end());
  return table;
}

int RoutePlanner::keep(Table table) {
  routing_.tables_.push_back(std::move(table));
  return static_cast<int>(routing_.tables_.size()) - 1;
}

RoutePlanner::HostRoutes RoutePlanner::choose_host_routes(int node, int& default_via) const {
  int interface = -1;
  int router = -1;
  default_via = -1;
  for (const int item : subnets_.attachments_of_node(node)) {
    if (!is_ours(item)) continue;
    const SubnetMap::Attachment& own = subnets_.attachments()[item];
    if (interface >= 0 && own.interface != interface) return HostRoutes::kFull;
    interface = own.interface;
    for (const int other : routers_of_subnet_[own.subnet]) {
      const int neighbour = subnets_.attachments()[other].node;
      if (router >= 0 && neighbour != router) return HostRoutes::kFull;
      router = neighbour;
      if (default_via < 0 || other < default_via) default_via = other;
    }
  }
  return router < 0 ? HostRoutes::kNone : HostRoutes::kDefault;
}

void RoutePlanner::plan_hosts() {
  for (size_t number = 0; number < topology_.nodes().size(); ++number) {
    const int node = static_cast<int>(number);
    if (topology_.nodes()[number].kind != Kind::kHost) continue;
    Table table = connected_table(node);
    if (table.empty()) continue;
    int default_via = -1;
    if (!routing_.options_.direct_only) {
      const HostRoutes kind = choose_host_routes(node, default_via);
      if (kind == HostRoutes::kFull) {
        full_host_of_node_[node] = static_cast<int>(full_hosts_.size());
        full_hosts_.push_back({node, {}});
        for (const int item : subnets_.attachments_of_node(node)) {
          subnet_has_full_host_[subnets_.attachments()[item].subnet] = 1;
        }
        continue;
      }
      if (kind == HostRoutes::kDefault) {
        table.insert(table.begin(),
                     {Routing::kDefaultPrefix, table.front().interface, default_via});
      }
    }
    const auto [shared, is_new] = shared_tables_.emplace(std::move(table), -1);
    if (is_new) shared->second = keep(shared->first);
    assign(node, shared->second);
  }
}

int RoutePlanner::lowest_address(int node, int interface, int subnet) const {
  for (const int item : subnets_.attachments_of_node(node)) {
    const SubnetMap::Attachment& attachment = subnets_.attachments()[item];
    if (attachment.interface == interface && attachment.subnet == subnet) return item;
  }
  return -1;
}

std::vector<RouteGraph::Arc> RoutePlanner::find_arcs() {
  std::vector<RouteGraph::Arc> arcs;
  for (size_t subnet = 0; subnet < subnets_.subnets().size(); ++subnet) {
    const std::vector<int>& routers = routers_of_subnet_[subnet];
    const bool is_transit =
        !routers.empty() && (subnet_has_full_host_[subnet] || routers.size() > 1);
    if (is_transit) find_arcs_of_subnet(static_cast<int>(subnet), arcs);
  }
  return arcs;
}

void RoutePlanner::find_arcs_of_subnet(int subnet, std::vector<RouteGraph::Arc>& arcs) {
  // Switches get vertices of their own in each subnet: two subnets of one domain are as apart as
  // two cables for whoever looks for a next hop.
  std::map<int, int> switch_vertices;
  for (const int link : subnets_.links_of_domain(subnets_.subnets()[subnet].domain)) {
    for (const bool a_to_b : {true, false}) {
      const LinkStep step{link, a_to_b};
      const int from = topology_.source(step);
      const int to = topology_.target(step);
      RouteGraph::Arc arc{-1, -1, topology_.delay(step), -1, -1};

      if (topology_.nodes()[to].kind == Kind::kHost) continue;
      if (topology_.nodes()[to].kind == Kind::kSwitch) {
        const auto [vertex, is_new] = switch_vertices.emplace(to, vertices_);
        vertices_ += is_new ? 1 : 0;
        arc.to = vertex->second;
      } else {
        arc.via = lowest_address(to, topology_.target_interface(step), subnet);
        if (arc.via < 0) continue;
        arc.to = vertex_of_router_[to];
      }

      if (topology_.nodes()[from].kind == Kind::kSwitch) {
        const auto [vertex, is_new] = switch_vertices.emplace(from, vertices_);
        vertices_ += is_new ? 1 : 0;
        arc.from = vertex->second;
        arcs.push_back(arc);
        continue;
      }
      arc.from_interface = topology_.source_interface(step);
      if (lowest_address(from, arc.from_interface, subnet) < 0) continue;
      if (topology_.nodes()[from].kind == Kind::kRouter) {
        arc.from = vertex_of_router_[from];
        arcs.push_back(arc);
      } else if (full_host_of_node_[from] >= 0) {
        full_hosts_[full_host_of_node_[from]].arcs.push_back(arc);
      }
    }
  }
}

void RoutePlanner::plan_full_tables() {
  std::vector<RouteGraph::Arc> arcs = find_arcs();
  // Hosts that leave by the same arcs and are attached to the same prefixes have the same routes:
  // they share a vertex and a table.
  std::map<std::pair<Table, std::vector<RouteGraph::Arc>>, int> sources;
  std::vector<int> source_of_host;
  for (Host& host : full_hosts_) {
    std::sort(host.arcs.begin(), host.arcs.end());
    const auto [source, is_new] =
        sources.emplace(std::pair(connected_table(host.node), host.arcs), vertices_);
    source_of_host.push_back(source->second);
    if (!is_new) continue;
    for (RouteGraph::Arc arc : host.arcs) {
      arc.from = vertices_;
      arcs.push_back(arc);
    }
    ++vertices_;
  }
  const RouteGraph graph(vertices_, arcs);
  RouteGraph::Answer answer;
  for (const int router : routers_) {
    assign(router, keep(full_table(router, vertex_of_router_[router], graph, answer)));
  }
  std::map<int, int> table_of_source;
  for (size_t i = 0; i < full_hosts_.size(); ++i) {
    const auto [table, is_new] = table_of_source.emplace(source_of_host[i], -1);
    if (is_new) table->second = keep(full_table(full_hosts_[i].node, table->first, graph, answer));
    assign(full_hosts_[i].node, table->second);
  }
}

RoutePlanner::Table RoutePlanner::full_table(int node, int source, const RouteGraph& graph,
                                             RouteGraph::Answer& answer) const {
  graph.first_hops_from(source, answer);
  const Table connected = connected_table(node);
  Table table;
  table.reserve(subnets_.prefixes().size());
  auto next_connected = connected.begin();
  for (auto first = attached_routers_.begin(); first != attached_routers_.end();) {
    const int prefix = first->prefix;
    int nearest = -1;
    for (; first != attached_routers_.end() && first->prefix == prefix; ++first) {
      const int vertex = first->vertex;
      if (!answer.cost[vertex].reachable() || vertex == source) continue;
      const auto preference = [&answer](int candidate) {
        return std::tie(answer.cost[candidate], answer.first_hop[candidate]);
      };
      if (nearest < 0 || preference(vertex) < preference(nearest)) nearest = vertex;
    }
    while (next_connected != connected.end() && next_connected->prefix < prefix) {
      table.push_back(*next_connected++);
    }
    if (next_connected != connected.end() && next_connected->prefix == prefix) continue;
    if (nearest < 0) continue;
    const FirstHop& hop = answer.first_hop[nearest];
    table.push_back({prefix, hop.interface, hop.via});
  }
  table.insert(table.end(), next_connected, connected.end());
  table.shrink_to_fit();
  return table;
}

}  // namespace violin
