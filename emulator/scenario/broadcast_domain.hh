#pragma once

#include <cstddef>
#include <vector>

#include "emulator/scenario/scenario.hh"

namespace violin {

// The part of the scenario that is the plane's, from its first node and link to the end.
struct PlaneRange {
  size_t first_node = 0;
  size_t first_link = 0;
};

// The links of a plane that switches join: who is on them hears each other's broadcasts.
struct BroadcastDomain {
  std::vector<LinkEnd> ends;  // those that may have addresses, in file order: not of switches
  bool has_switch = false;
  int first_link = -1;  // in file order
};

// The plane's domains, in file order of their first links.
std::vector<BroadcastDomain> find_broadcast_domains(const Scenario& scenario,
                                                    const PlaneRange& plane);

}  // namespace violin
