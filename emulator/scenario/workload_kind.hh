#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/yaml_map.hh"

// The kinds of workloads and the keys of each: what a ping, a TCP flow or a program is asked to do.
// Where it begins, ends and starts is the same for all (scenario_workload.hh).

namespace violin {

struct WorkloadKindReader {
  std::string name;               // "ping"
  std::vector<std::string> keys;  // all that its map may have
  WorkloadKind (*read)(const YamlMap&);
};

const std::vector<WorkloadKindReader>& workload_kinds();

// Longest run: far from where nanoseconds overflow.
inline constexpr Duration kMaxWorkloadSpan = Duration::seconds(3'153'600'000);
// A duration of at most that.
Duration read_workload_span(const YamlValue& value, std::string_view what);

}  // namespace violin
