#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "emulator/network/network_plan.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {

// The port at which each tcp or udp workload with a model half is received. It follows from the
// scenario alone, so that both halves know it wherever they are: of two workloads to one node and
// port the later gets the next one that is free. The tunnels' port is theirs.
class WorkloadPorts {
 public:
  // Throws InputError at a workload for which no port is left.
  WorkloadPorts(const NetworkPlan& plan, ClockKind clock);

  // Of a workload by name; a bug of the caller when it is none of those.
  uint16_t port_of(const std::string& workload) const { return ports_.at(workload); }

 private:
  std::map<std::string, uint16_t> ports_;
};

}  // namespace violin
