#pragma once

#include <string>

#include "emulator/results/run_result.hh"

// What a report says about the workloads of a run: HTML, "" when there are none of the kind.

namespace violin {

std::string ping_table(const RunResult& result);
std::string transfer_table(const RunResult& result);  // tcp and udp
std::string flow_table(const RunResult& result);      // of transfers with several connections
std::string traceroute_table(const RunResult& result);
std::string exec_list(const RunResult& result);
std::string compare_table(const RunResult& result);  // entries of compare:, of this one run

}  // namespace violin
