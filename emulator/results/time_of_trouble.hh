#pragma once

#include <optional>

#include "emulator/results/run_result.hh"

namespace violin {

// When it was worst: a ping's longest gap, the bin of lowest goodput within the window. Nothing for
// other workloads.
std::optional<MeasureWindow> time_of_trouble(const RunResult& result,
                                             const WorkloadResult& workload);

}  // namespace violin
