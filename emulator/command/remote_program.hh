#pragma once

#include "emulator/deployment/agent_client.hh"
#include "emulator/deployment/live_run.hh"

namespace violin {

// Runs a program in a node of a live run with our own standard streams as its: what it prints we
// print, what we are given it reads, signals that would end us go to it. With `spec.terminal` it is
// controlled by a terminal that stands for ours. Returns its exit status, or 128 + the signal that
// ended it. Called before this process has a second thread. Throws AgentError or std::system_error.
int run_remote_program(const LiveNode& node, ExecutionSpec spec);

}  // namespace violin
