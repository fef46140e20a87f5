#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "core/subnets.hh"
#include "core/topology.hh"

// The static routes of one plane: every host's and router's table, computed once from the delays
// and never again ("static: shortest delay, never recomputed").
//
// Rules:
// - A prefix belongs to the subnets (core/subnets.hh) whose addresses form it. A node that is
//   attached to one has a connected route out of its lowest such interface.
// - Every other prefix is reached through the nearest router attached to it (not: nearest to the
//   final host), as OSPF does (RFC 2328 section 16.1); hosts do not forward, so a prefix on which
//   there is no router is known to its neighbours only.
// - Nearest is by delay, then by number of links. Equal ones: the next hop whose name comes first,
//   then the own interface that does, then its lowest address. Nothing depends on the order in
//   which nodes, links and addresses were given.
// - IPv4 and IPv6 are routed apart: a router carries the family of which it has addresses.
//   Link-local prefixes are connected routes only.
// - A host with one interface (of a family) and one router on it has a default route, with no
//   router none, otherwise the full table, from which it never forwards for others.
// - A direct-only plane (an RTT matrix) has connected routes only.
//
// Cost: one Dijkstra per router over routers and the switches between them; hosts and the subnets
// that only one router touches are not in that graph. 12 bytes per route of a router; hosts with
// equal tables share one.

namespace violin {

struct Route {
  IpPrefix prefix;
  int interface = -1;
  std::optional<IpAddress> via;  // empty = directly connected
  bool operator==(const Route&) const = default;
};

class Routing {
 public:
  struct Options {
    std::string plane;
    bool direct_only = false;
  };
  // Forwarding gives up after this many nodes, as a packet with the largest TTL would.
  static constexpr int kMaximumHops = 255;

  // The topology must be free of problems() and outlive this. Assignments to nodes of other planes
  // are ignored.
  Routing(const Topology& topology, const std::vector<AddressAssignment>& assignments,
          Options options);

  // A node's table: IPv4 before IPv6, then by prefix; at most one route per prefix. Empty for
  // switches and nodes of other planes.
  std::vector<Route> routes(int node) const;
  size_t route_count(int node) const;

  // The longest-prefix match in a node's table.
  std::optional<Route> lookup(int node, IpAddress destination) const;

  // The address under which `from` best reaches `to`: one on a shared prefix, else the first (by
  // family, interface, value) that `from` has a route for. Nothing when there is none.
  std::optional<IpAddress> address_for(NodePair ends) const;

  // Where a frame would go, node by node through these tables, and inside a broadcast domain along
  // the least delay through its switches: what a learning switch settles on when the first copy of
  // the flooded first frame arrives that way. Nothing when it would be dropped on the way.
  std::optional<TopologyPath> path(NodePair ends) const;
  std::optional<TopologyPath> path(int from, IpAddress destination) const;

 private:
  // A route in small: indices into prefixes and attachments of the SubnetMap.
  struct Entry {
    int prefix;  // kDefaultPrefix = 0.0.0.0/0 or ::/0
    int interface;
    int via;  // -1 = connected
    auto operator<=>(const Entry&) const = default;
  };
  using Table = std::vector<Entry>;
  static constexpr int kDefaultPrefix = -1;
  enum Family { kV4, kV6 };

  friend class RoutePlanner;

  const Table* table(int node, Family family) const;
  Route expand(const Entry& entry, Family family) const;
  std::optional<LinkStep> step_out_of(int node, int interface) const;
  // From a node's interface to whoever owns `next` in the broadcast domain there.
  std::optional<TopologyPath> path_in_domain(LinkStep first, IpAddress next) const;

  const Topology& topology_;
  Options options_;
  SubnetMap subnets_;
  std::vector<Table> tables_;
  std::array<std::vector<int>, 2> table_of_node_;  // by family; -1 = no address of it
};

}  // namespace violin
