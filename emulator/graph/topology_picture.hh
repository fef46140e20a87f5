#pragma once

#include <string>

#include "emulator/scenario/scenario.hh"

namespace violin {

// The topology of a scenario as inline SVG for a report, laid out by Graphviz. Empty when Graphviz
// is not installed, or when there are too many nodes for a picture on a page.
std::string topology_svg(const Scenario& scenario);

}  // namespace violin
