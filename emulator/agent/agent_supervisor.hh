#pragma once

#include <filesystem>

#include "emulator/realtime/data_plane.hh"

namespace violin {

// The agent of an overlay host that stands by itself: serves one run after the other at a Unix
// socket, each by a process of its own in a sandbox of its own (with our network, where the tunnels
// go), so that whatever becomes of a run or of us, the kernel removes all of it. Until SIGTERM or
// SIGINT, by which the process then ends; returns the exit status where those are ignored. The
// caller has no second thread, and is root where the network was made. Throws std::system_error,
// and std::runtime_error when no such process can live.
int supervise_agent(const std::filesystem::path& socket, const DataPlane& data_plane = {});

}  // namespace violin
