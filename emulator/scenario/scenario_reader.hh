#pragma once

#include <string>
#include <vector>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/sweep.hh"

// From the text of a scenario to a Scenario. The headers of the parts say the format in full:
// parameters.hh, sweep.hh, scenario_topology.hh, scenario_link.hh, scenario_queue.hh,
// scenario_workload.hh, scenario_event.hh, addressing.hh; tests/support/data/example.yaml shows it.
// Reading needs no clock and no right: keys of both clocks are always accepted and checked. The
// first thing that is wrong ends it with InputError "file:line:column: message: value; allowed: …".
// Not read here: the language of `expect:` and `compare:`, which stay text with a place.

namespace violin {

struct ScenarioOptions {
  Overrides overrides;
  // The point of the sweep to read; without one, parameters keep the file's values.
  std::optional<SweepPoint> point;
};

Scenario read_scenario(const ScenarioSource& source, const ScenarioOptions& options);

// The top-level keys, in the order of the documentation; the JSON schema has the same.
std::vector<std::string> scenario_keys();

}  // namespace violin
