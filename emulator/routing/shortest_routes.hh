#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/results/router_result.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// What the routers of one protocol should have found: the shortest paths (Boost.Graph), by
// protocol_cost(), of the network as it is once all events of the scenario have happened. A route
// to a prefix ends at a router that is attached to it and has the protocol; a router may take any
// next hop that lies on a shortest path.
//
// Only which prefixes are known is compared, not the way to them, where costs say little: in a
// protocol whose routers have configurations of their own, and in OSPF with several areas, which
// prefers ways within an area to shorter ones (RFC 2328 section 11).
//
// Independent of core/routing.hh, which plans by delay and settles ties.
class ShortestRoutes {
 public:
  explicit ShortestRoutes(const Scenario& scenario);
  ~ShortestRoutes();
  ShortestRoutes(const ShortestRoutes&) = delete;
  ShortestRoutes& operator=(const ShortestRoutes&) = delete;

  // What the table of a router lacks, has too much, or has differently, in words; routes to what
  // it is attached to are not looked at. `node` has a protocol.
  std::vector<std::string> deviations(int node, const std::vector<TableRoute>& table) const;

 private:
  class Domain;
  const Scenario& scenario_;
  std::vector<std::unique_ptr<const Domain>> domains_;  // by RoutingKind; null = nobody has it
};

}  // namespace violin
