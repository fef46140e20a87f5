#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "emulator/results/router_result.hh"

// Reading what iproute2 prints of a kernel's routes. Nothing here trusts the text.

namespace violin {

// Of `ip -o -ts monitor route` with TZ=UTC0: the changes that a routing daemon made, up to
// `most` of them. `epoch_ns` is what the node's calendar shows at scenario time 0.
std::vector<RouteChange> read_route_changes(std::string_view output, int64_t epoch_ns, size_t most);

// Of `ip -j route` and `ip -6 -j route`, one after the other: routes of unicast prefixes but
// link-local ones. Throws ProgramFailure when it is neither.
std::vector<TableRoute> read_route_table(std::string_view output);

}  // namespace violin
