#pragma once

#include <vector>

#include "emulator/results/expression.hh"
#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/sweep.hh"

// What can be known to be wrong before anything runs. `violin check` and `violin run` do the same.

namespace violin {

struct CheckedScenario {
  Scenario scenario;               // with the parameters as the file and the command line have them
  std::vector<SweepPoint> points;  // one without a sweep
  SweepValues sweep;               // what each swept parameter takes, in order; empty without sweep
};

// Reads the scenario, and every point of its sweep that differs in more than the seed (at most the
// first 200 of these): topology, tunnels, expectations, workloads. Throws InputError for the first
// thing that is wrong.
CheckedScenario check_scenario(const ScenarioSource& source, const Overrides& overrides);

// What each parameter and the seed take in these points, in order; nothing for a single point.
SweepValues values_of(const std::vector<SweepPoint>& points);

}  // namespace violin
