#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "emulator/scenario/scenario.hh"

namespace violin {

// The ports of one transport that are taken, by node. Two workloads to one node and port get ports
// of their own, counting up.
class PortBook {
 public:
  // False when it was taken before.
  bool take(int node, uint16_t port) { return taken_.emplace(node, port).second; }
  // The first free one of `node` from `wanted` on, for the workload. Throws InputError at the
  // workload when there is none.
  uint16_t claim(const WorkloadSpec& spec, int node, uint16_t wanted);

 private:
  std::set<std::pair<int, uint16_t>> taken_;
};

}  // namespace violin
