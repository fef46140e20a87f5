#pragma once

#include <filesystem>

namespace violin {

// The process of one overlay host: serves the control API (agent.proto) on a Unix socket that only
// the caller's user can open, one run at a time, until SIGTERM or SIGINT, by which the process then
// ends. What it made for a run goes when the run is finished, when its coordinator is gone, or with
// the process. Returns the exit status where those signals are ignored.
int run_agent(const std::filesystem::path& socket);

}  // namespace violin
