#pragma once

#include <string>

#include "emulator/command/plane_view.hh"
#include "emulator/command/scenario_check.hh"
#include "emulator/network/network_plan.hh"

// What `violin check` prints: everything a scenario stands for once defaults, ranges, graphs and
// addresses are filled in, for a terminal of 100 columns. Long tables are cut unless
// ViewOptions::all, so that a network of 100 000 hosts is described on a few pages.

namespace violin {

// `file` is the scenario's, as it was named. `plan` is that of checked.scenario.
std::string resolved_view(const CheckedScenario& checked, const NetworkPlan& plan,
                          const std::string& file, const ViewOptions& options = {});

// "20 points: crypt = none, aes-256-gcm; seed = 1 … 10 (10)"; empty without a sweep.
std::string sweep_words(const CheckedScenario& checked);

}  // namespace violin
