#pragma once

#include <vector>

#include "core/time.hh"
#include "emulator/network/network_plan.hh"

namespace violin {

// How a network is cut into parts that run in parallel under the virtual clock: a conservative
// parallel simulation (Chandy and Misra 1979; Bryant 1977) in windows of its lookahead.
struct NetworkCut {
  int parts = 1;
  std::vector<int> part_of;  // by node of the scenario; empty = one part
  // The smallest delay between two parts: what one of them sends reaches no other before it is
  // over. Duration::max() when no link leads from one to another, zero for one part.
  Duration lookahead;
};

// At most `parts_max` parts, cut through wires that have a delay at all times, without jitter and
// reordering; overlay hosts and what is placed on them stay together, as do the two ends of a
// transfer between models. As the kernels are what takes time, they are spread evenly, and of ways
// that are about equally even the one with the longest lookahead is taken. One part where nothing
// can be gained.
NetworkCut cut_network(const NetworkPlan& plan, int parts_max);

}  // namespace violin
