#pragma once

#include <string>

#include "emulator/scenario/scenario.hh"

// A scenario's topology as a picture, in the DOT language of Graphviz: one cluster per plane, the
// underlay at the bottom of what `dot` makes of it; hosts are boxes, switches flat hexagons,
// routers circles; a link carries its delay and rate (both directions when they differ); a dashed
// line ties a virtual node to the overlay host that carries it. Text only: making SVG or PNG of it
// is the command line's business. The same scenario always gives the same bytes.

namespace violin {

struct DrawingOptions {
  bool placements = true;   // the dashed lines
  bool link_labels = true;  // delay and rate
  // For `neato -s`: pins nodes that have coordinates where they belong on a map, and those that
  // hang on one (by a link, or carried by it) beside it. Without boxes around planes.
  bool geographic = false;
};

std::string draw_dot(const Scenario& scenario, const DrawingOptions& options = {});

}  // namespace violin
