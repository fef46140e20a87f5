#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "emulator/agent/node_setting.hh"
#include "emulator/agent/slice_secrets.hh"

// What an agent is told about a run, and what it says about itself.

namespace violin {

// An agent's part of a run.
struct SliceOrder {
  std::string run;       // its name
  std::string scenario;  // resolved, as YAML
  std::string slice;     // slice_of() of its nodes
  std::vector<NodeSetting> settings;
  SliceSecrets secrets;
  std::map<std::string, IpAddress> underlay;  // of overlay hosts; empty where it is emulated
  // For nodes with a kernel of their own: a built one, on the agent's machine. Empty = the agent
  // looks for one.
  std::string kernel = {};
};

// Who an agent says it is.
struct AgentDescription {
  std::string version;
  std::string commit;  // empty when unknown
  std::string machine;
  std::string boot_id;
  int64_t monotonic_ns = 0;  // its machine's CLOCK_MONOTONIC when it said so
};

// What scenario time 0 is for an agent.
struct AgentZero {
  int64_t monotonic_ns = 0;  // on its machine's CLOCK_MONOTONIC
  int64_t epoch_ns = 0;      // what its captures call it, since 1970
};

}  // namespace violin
