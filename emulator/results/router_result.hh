#pragma once

#include <string>
#include <vector>

#include "core/time.hh"

namespace violin {

// A change of a router's table, by a routing daemon.
struct RouteChange {
  Time at;
  std::string prefix;  // "10.0.3.0/24", "default"
  bool removed = false;
  bool operator==(const RouteChange&) const = default;
};

// A route of a kernel's table, as it was at the end.
struct TableRoute {
  struct Hop {
    std::string via;  // an address; empty = on the link itself
    std::string interface;
    bool operator==(const Hop&) const = default;
  };
  std::string prefix;    // "10.0.3.0/24"
  std::string protocol;  // "ospf", "kernel" …
  std::vector<Hop> hops;
  bool operator==(const TableRoute&) const = default;
};

// "10.0.1.2 at eth0, 10.0.2.2 at eth1".
std::string hops_text(const TableRoute& route);

// What a router did that finds its routes by a protocol.
struct RouterResult {
  std::string node;  // "v1/r1"
  std::string protocol;
  Time began;                        // its daemons
  std::vector<RouteChange> changes;  // by time
  std::vector<TableRoute> table;     // at the end of the scenario
  // What is not as the shortest paths of the network at the end have it, in words.
  std::vector<std::string> deviations;
  bool operator==(const RouterResult&) const = default;
};

}  // namespace violin
