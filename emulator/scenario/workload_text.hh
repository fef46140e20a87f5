#pragma once

#include <string>
#include <string_view>

#include "emulator/scenario/scenario.hh"

namespace violin {

// The keys of a workload's kind as the YAML that scenario_workload.hh reads back to the same
// values: "count: 10, interval: 1 s …". Its ends, its start and its name are the caller's.
std::string workload_kind_text(const WorkloadKind& kind);

// Free text as a YAML value: a dollar sign would be a parameter when it is read back.
std::string written_value(std::string_view text);

}  // namespace violin
