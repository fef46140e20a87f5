#pragma once

#include <sys/types.h>

#include <istream>
#include <string>
#include <vector>

#include "emulator/deployment/live_run.hh"

namespace violin {

// The run sockets in a table like /proc/net/unix, each once, by user and id.
std::vector<RunSocket> read_run_sockets(std::istream& table);

// The runs of `user` in this network namespace that answer, by id. Another user's do not answer,
// unless we are root.
std::vector<LiveRun> live_runs_of(uid_t user);
// The users who have any.
std::vector<uid_t> users_with_runs();

// Asks the coordinator of a run to end it, and waits until it has. Throws std::runtime_error when
// there is no such run.
enum class RunEnding { kEnded, kStillEnding };
RunEnding end_run(uid_t user, const std::string& id);

}  // namespace violin
