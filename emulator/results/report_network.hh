#pragma once

#include <string>

#include "emulator/results/run_result.hh"

// What a report says about the network of a run: HTML.

namespace violin {

std::string link_table(const RunResult& result);  // the most interesting directions of links
std::string drop_table(const RunResult& result);  // or a sentence when nothing was dropped
std::string event_table(const RunResult& result);
std::string routing_part(const RunResult& result);  // of routers that have a routing protocol

}  // namespace violin
