#pragma once

#include <string_view>

#include "core/addresses.hh"
#include "emulator/network/workload_outcome.hh"
#include "emulator/results/workload_result.hh"

namespace violin {

// Reads what `traceroute -n` (Dmitry Butskoy's, 2.1) printed; it may have been interrupted
// anywhere, and then the last hop has the probes that were answered or given up by then.
//
// Of a hop where several addresses answered, the first gives its name, as with model nodes; "!H",
// "!N", "!X" and the like stand behind a time and change nothing about it. Reached means that the
// target itself answered. Throws ProgramFailure when there is not even the line it begins with.
TracerouteResult read_traceroute_output(std::string_view text, const IpAddress& target,
                                        const NodeOfAddress& node_of);

}  // namespace violin
