#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emulator/network/guest_machines.hh"
#include "emulator/network/network_cut.hh"
#include "emulator/results/run_result.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

struct RunOptions {
  std::filesystem::path folder;      // exists; captures and frames.bin go here
  std::vector<std::string> command;  // for the record
  bool record = false;               // write frames.bin
  bool quiet = false;                // no progress line
  // Of a network with machines: parts that run in parallel, with the results of the whole.
  NetworkCut cut = {};
};

// Who runs what, for the record of a run under the virtual clock.
RunIdentity identity_of(const Scenario& scenario, const RunOptions& options);

// Runs one scenario under the virtual clock, to its end or until an InterruptGuard was asked to
// stop, and returns what it measured with its expectations judged. Throws InputError for a scenario
// that cannot be run, PoolExhausted and StalledClock for a run that could not be carried out.
RunResult run_scenario(const Scenario& scenario, const RunOptions& options);
// The same of a planned scenario, some of whose nodes are machines.
RunResult run_scenario(const NetworkPlan& plan, GuestMachines& machines, const RunOptions& options);

// Results of workloads, in the order in which the scenario has them.
std::vector<WorkloadResult> in_scenario_order(const Scenario& scenario,
                                              std::vector<WorkloadResult> some);

}  // namespace violin
