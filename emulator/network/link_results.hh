#pragma once

#include "emulator/network/network.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// Brings every wire up to `end` and fills result.links (those on which something happened, in
// scenario order), result.idle_links and result.nodes (nodes and tunnel ends that dropped
// something).
void add_link_results(const Network& network, Time end, RunResult& result);

}  // namespace violin
