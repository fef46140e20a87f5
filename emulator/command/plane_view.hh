#pragma once

#include <string>

#include "emulator/network/network_plan.hh"

// One plane of a planned network as text, a part of what `violin check` prints: its nodes with
// their interfaces, its links with every parameter, tunnels, routes.

namespace violin {

struct ViewOptions {
  bool all = false;  // everything, instead of the first rows of each table
};

// Rows of a table unless everything was asked for: what a person reads, and what keeps the text of
// a network of 100 000 hosts short.
inline constexpr size_t kViewRows = 48;

std::string plane_view(const NetworkPlan& plan, const PlaneSpec& plane, const ViewOptions& options);

// "  … and 952 more (--all shows them)\n"; nothing when none were left out.
std::string more_line(size_t left_out, size_t indent);

}  // namespace violin
