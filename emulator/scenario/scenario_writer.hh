#pragma once

#include <ostream>

#include "emulator/scenario/scenario.hh"

namespace violin {

// Writes a resolved scenario as YAML that read_scenario() reads back to the same Scenario, from any
// directory: ranges expanded, graphs as links, interfaces and addresses named, defaults applied,
// traces inside. `params` are kept with their final values; there is no sweep. What is not kept is
// where things stood in the original file and the notes on defaults.
void write_scenario(const Scenario& scenario, std::ostream& output);

}  // namespace violin
