#pragma once

#include "emulator/network/run.hh"

namespace violin {

// Runs one scenario under the real clock, every overlay host on this machine, to its end or until
// an InterruptGuard was asked to stop, and returns what it measured with its expectations judged.
// The caller has no second thread yet. Throws InputError for a scenario that cannot be run,
// AgentError or std::system_error for a run that could not be carried out.
RunResult run_scenario_in_real_time(const Scenario& scenario, const RunOptions& options);

}  // namespace violin
