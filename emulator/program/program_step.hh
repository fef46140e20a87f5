#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hh"

namespace violin {

enum class ProgramRole { kOnly, kServer, kClient };

// "A socket listens at this TCP port of the node": true of iperf3's control port for UDP, too.
struct ListenCondition {
  int node = -1;  // index into Scenario::nodes
  uint16_t tcp_port = 0;
};

// One program to be run in a node's network namespace; its output is wanted.
struct ProgramStep {
  std::string workload;  // by name; a server and its client have the same
  ProgramRole role = ProgramRole::kOnly;
  int node = -1;                  // index into Scenario::nodes
  std::vector<std::string> argv;  // a program by name, to be found in the usual folders
  Time start;                     // may be before time 0, during bootstrap
  // Interrupted (SIGINT) when it still runs so long after its start: what its own options cannot
  // say. Without it, it ends by itself, or is interrupted a little after the end of the scenario.
  std::optional<Duration> limit;
  bool as_root = false;  // else an unprivileged user
  // Takes part in the scenario's time: "--zero" and CLOCK_MONOTONIC at time 0 in ns are appended.
  bool wants_zero = false;
  // To be waited for before it is started, even beyond `start`.
  std::optional<ListenCondition> ready;
};

}  // namespace violin
