#pragma once

#include <string>
#include <vector>

#include "emulator/command/plane_view.hh"

namespace violin {

// The routes of these nodes, long tables only counted unless everything was asked for; "" when none
// of them has a table.
std::string route_view(const NetworkPlan& plan, const std::vector<int>& nodes,
                       const ViewOptions& options);

}  // namespace violin
