#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/run_result.hh"

namespace violin {

// What the routers of one plane did together.
struct RoutingSummary {
  // From one of: the start of the daemons (the first), an event of the scenario.
  struct Phase {
    Time from;
    std::string cause;              // "the start", or the event's text
    uint64_t changes = 0;           // of tables, until the next phase
    std::optional<Duration> until;  // the last of them, from `from` on; nothing without any
  };
  std::vector<Phase> phases;  // by time
  uint64_t deviations = 0;
};

// Named as things of metrics are, "v1/routing"; of every plane that has routers with a protocol.
std::vector<std::string> routed_planes(const RunResult& result);
RoutingSummary summarise_routing(const RunResult& result, std::string_view plane);

// "v1": "v1/routing".
std::string routing_thing(std::string_view plane);

}  // namespace violin
