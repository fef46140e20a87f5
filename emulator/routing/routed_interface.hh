#pragma once

#include <vector>

#include "emulator/scenario/scenario.hh"

namespace violin {

// An interface of a router as its routing protocol sees it.
struct RoutedInterface {
  int interface = -1;           // index into the node's interfaces
  std::vector<LinkEnd> peers;   // of routers with the same protocol that hear what it sends
  bool point_to_point = false;  // a cable to one of them, and nothing else
};

// Of every router, by node; empty for those without a protocol.
std::vector<std::vector<RoutedInterface>> routed_interfaces(const Scenario& scenario);

}  // namespace violin
