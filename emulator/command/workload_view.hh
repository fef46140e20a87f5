#pragma once

#include <string>

#include "emulator/command/plane_view.hh"
#include "emulator/network/network_plan.hh"

// The workloads of a planned network as text, a part of what `violin check` prints: what each does,
// which way its frames take, and what that way is like when nothing else uses it.

namespace violin {

std::string workload_view(const NetworkPlan& plan, const ViewOptions& options);

// "100 x 100 ms, 56 B", "for 20 s, cubic", "10 Mbit/s for 10 s, 1400 B": what a workload asks for.
std::string workload_words(const WorkloadSpec& workload);

// The command of an exec workload, words with spaces in quotes.
std::string command_words(const ExecWorkload& exec);

}  // namespace violin
