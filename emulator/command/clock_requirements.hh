#pragma once

#include <string>
#include <vector>

#include "emulator/scenario/scenario.hh"

// What keeps a scenario from running under a clock, in words for `violin check` and `violin run`.

namespace violin {

// Why this version cannot run the scenario under the virtual clock, one reason each, naming the
// first nodes or workloads it is about; empty = it can.
std::vector<std::string> virtual_clock_refusals(const Scenario& scenario);

// The same for the real clock.
std::vector<std::string> real_clock_refusals(const Scenario& scenario);

// What running it under the real clock takes.
std::vector<std::string> real_clock_needs(const Scenario& scenario);

}  // namespace violin
