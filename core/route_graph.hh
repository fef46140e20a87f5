#pragma once

#include <memory>
#include <tuple>
#include <vector>

#include "core/path_cost.hh"
#include "core/time.hh"

// The small directed graph on which next hops are found: routers, the switches between them, and
// those hosts that choose among routers. Who may forward is in its shape: an arc leads into a host
// never, so no path can cross one.

namespace violin {

// The first router on a path, and how to reach it: out of this interface, to this address (as a
// number that is lower for lower addresses). Ordered as ties between equal paths are decided: by
// router (numbered in name order), then by own interface, then by its address.
struct FirstHop {
  int router = -1;
  int interface = -1;
  int via = -1;
  auto operator<=>(const FirstHop&) const = default;
};

class RouteGraph {
 public:
  struct Arc {
    int from = -1;
    int to = -1;
    Duration delay;
    int from_interface = -1;
    int via = -1;  // the address at which a router is entered; -1 when `to` is a switch
    auto operator<=>(const Arc&) const = default;
  };
  // What is known about every vertex once a source is chosen. The first hop means something only
  // for a reachable vertex that is a router and not the source itself.
  struct Answer {
    std::vector<PathCost> cost;
    std::vector<FirstHop> first_hop;
  };

  // Vertices are 0 to `vertices` - 1; routers come first, in the order of their names.
  RouteGraph(int vertices, const std::vector<Arc>& arcs);
  ~RouteGraph();

  // One Dijkstra by (delay, links). Among all paths of equal cost the least FirstHop wins.
  void first_hops_from(int source, Answer& answer) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace violin
