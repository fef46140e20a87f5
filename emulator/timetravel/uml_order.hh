#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "emulator/guest_init/guest_order.hh"
#include "emulator/network/network.hh"
#include "emulator/routing/scenario_programs.hh"
#include "emulator/uml/uml_guest.hh"

namespace violin {

// Everything that the machine of a node is told before it boots: what it is from the scenario, and
// what programs are to do in it.
struct UmlOrder {
  GuestOrder order;
  std::vector<size_t> steps;  // by job: its number among ScenarioPrograms::steps()
};

struct UmlOrderOptions {
  int64_t epoch_ns = 0;  // what the machine's calendar shows at scenario time 0
  std::string violin;    // the program `violin`, an absolute path
};
// The network has the node.
UmlOrder uml_order(const Network& network, int node, const ScenarioPrograms& programs,
                   const UmlOrderOptions& options);

// Of what became of its jobs, from what the machine wrote: by job.
std::vector<ProgramOutcome> uml_outcomes(const UmlGuest& guest, const UmlOrder& order,
                                         int64_t epoch_ns);

}  // namespace violin
