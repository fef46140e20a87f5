#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "emulator/program/program_step.hh"
#include "emulator/program/workload_programs.hh"
#include "emulator/results/router_result.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// The routing daemons of a scenario as programs to be run, and what the routers found, read from
// what those printed. Two programs for each router that has a protocol: from the beginning of the
// bootstrap to the end of the run a shell that starts FRR's daemons and watches the kernel's table
// (iproute2), and at the end of the scenario one that prints it.
class RoutingPrograms {
 public:
  // Changes of one router that are kept.
  static constexpr size_t kChangesMax = 10'000;

  // The scenario and nodes outlive this.
  RoutingPrograms(const Scenario& scenario, ClockKind clock, const ProgramNodes& nodes);

  const std::vector<ProgramStep>& steps() const { return steps_; }
  // From what became of steps(), one by one. Routers whose daemons failed are in `failures`, in
  // words.
  std::vector<RouterResult> results(const std::vector<ProgramOutcome>& outcomes,
                                    std::vector<std::string>& failures) const;

 private:
  void add_router(int node, const std::string& script, std::vector<std::string> configurations);
  RouterResult read(size_t router, const std::vector<ProgramOutcome>& outcomes) const;

  const Scenario& scenario_;
  const ProgramNodes& nodes_;
  std::vector<int> routers_;        // by pairs of steps
  std::vector<ProgramStep> steps_;  // of each router its daemons, then its table
};

}  // namespace violin
