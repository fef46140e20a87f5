#pragma once

#include <filesystem>
#include <string>

#include "emulator/results/sweep_result.hh"

namespace violin {

// What `violin run` prints at the end of a sweep: the means of what most people ask first, how the
// expectations went, and where the rest is.
std::string sweep_summary_text(const SweepResult& sweep, const std::filesystem::path& folder);

}  // namespace violin
