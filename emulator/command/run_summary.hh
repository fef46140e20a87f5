#pragma once

#include <filesystem>
#include <string>

#include "emulator/results/run_result.hh"

namespace violin {

// What `violin run` prints when a run is done: one line per workload with its key figures, compare
// entries, expectations (a failed one with its explanation), and where the rest is.
std::string run_summary_text(const RunResult& result, const std::filesystem::path& folder);

}  // namespace violin
