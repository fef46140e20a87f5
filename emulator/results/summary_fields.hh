#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "emulator/results/run_result.hh"

// What the writers and readers of summary.json put and take its fields with; nobody else needs it.
// A missing field or one of another type is a nlohmann::json::exception.

namespace violin::summary_fields {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

// Thrown for values that are JSON but cannot be; parse_summary() adds the file.
class WrongValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <typename Value>
Value take(const Json& json, const char* name) {
  return json.at(name).get<Value>();
}

template <typename Value>
std::optional<Value> take_optional(const Json& json, const char* name) {
  const Json& value = json.at(name);
  if (value.is_null()) return std::nullopt;
  return value.get<Value>();
}

inline Duration take_duration(const Json& json, const char* name) {
  return Duration::nanoseconds(take_optional<int64_t>(json, name).value_or(0));
}
inline Time take_time(const Json& json, const char* name) {
  return Time::from_ns(take<int64_t>(json, name));
}

inline MeasureWindow take_window(const Json& json) {
  const Json& window = json.at("window");
  return {take_time(window, "from_ns"), take_time(window, "to_ns")};
}

DurationSummary take_summary(const Json& json, const char* name);
WorkloadResult take_workload(const Json& json);
std::optional<FidelityResult> take_fidelity(const Json& json);
std::optional<KernelActivity> take_kernels(const Json& json);

std::vector<RouterResult> take_routers(const Json& json);

OrderedJson routers_json(const std::vector<RouterResult>& routers);
// null when nothing was measured.
OrderedJson distribution_json(const DurationSummary& summary);
OrderedJson fidelity_json(const std::optional<FidelityResult>& fidelity);
OrderedJson kernels_json(const std::optional<KernelActivity>& kernels);

}  // namespace violin::summary_fields
