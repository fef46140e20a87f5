#pragma once

#include <filesystem>

#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/data_plane.hh"

namespace violin {

// The process of one overlay host: serves the control API (agent.proto) on a Unix socket that only
// the caller's user can open, one run at a time, until SIGTERM or SIGINT, by which the process then
// ends. What it made for a run goes when the run is finished, when its coordinator is gone, or with
// the process. Returns the exit status where those signals are ignored.
int run_agent(const std::filesystem::path& socket, const DataPlane& data_plane = {});

// The same at a socket that is there, for one run that reserves the agent: returns 0 when that has
// ended, or as above. Results are gathered in `folder`.
int serve_one_run(const FileDescriptor& listening, const std::filesystem::path& folder,
                  const DataPlane& data_plane);

}  // namespace violin
