#include "emulator/scenario/scenario_expect.hh"

#include <optional>
#include <string>
#include <utility>

#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/scenario_workload.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

std::string read_expression(const YamlValue& value, std::string_view what) {
  const std::string& text = read_text(value, what);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError(value.place, std::string(what) + " is empty");
  }
  return text;
}

// The time that the workload behind "vm.goodput" or "vm.3.goodput" takes, if that is known.
std::optional<std::pair<Duration, Duration>> window_of(const std::string& metric,
                                                       const Scenario& scenario) {
  const std::string name = metric.substr(0, metric.rfind('.'));
  for (const WorkloadSpec& workload : scenario.workloads) {
    const auto end = workload_end(workload);
    if (workload.name == name && end) return std::pair(workload.start, *end);
  }
  return std::nullopt;
}

}  // namespace

void read_compare(const YamlValue* value, Scenario& scenario) {
  for (const YamlValue* item : read_items(value)) {
    const YamlMap entry(*item, "compare", {"name", "host", "violin"});
    CompareSpec compare;
    compare.name = read_text(entry.require("name"), "name");
    require_name(entry.require("name").place, "a comparison's name", compare.name);
    compare.host = read_expression(entry.require("host"), "host");
    compare.violin = read_expression(entry.require("violin"), "violin");
    compare.at = item->place;
    const auto host = window_of(compare.host, scenario);
    const auto violin = window_of(compare.violin, scenario);
    if (host && violin && host->first < violin->second && violin->first < host->second) {
      throw InputError(compare.at,
                       "the two compared workloads run at the same time and would take "
                       "bandwidth from each other: " +
                           compare.host + " and " + compare.violin);
    }
    for (const CompareSpec& other : scenario.compares) {
      if (other.name != compare.name) continue;
      throw InputError(compare.at, "two comparisons have the name " + compare.name);
    }
    scenario.compares.push_back(std::move(compare));
  }
}

void read_expect(const YamlValue* value, Scenario& scenario) {
  for (const YamlValue* item : read_items(value)) {
    ExpectSpec expect;
    expect.at = item->place;
    if (item->is_map()) {
      const YamlMap entry(*item, "an expectation", {"check", "fail"});
      const YamlValue& check = entry.require("check");
      expect.check = read_expression(check, "check");
      expect.at = check.place;
      if (const auto* v = entry.find("fail")) expect.fail = read_text(*v, "fail");
    } else {
      expect.check = read_expression(*item, "an expectation");
    }
    scenario.expects.push_back(std::move(expect));
  }
}

}  // namespace violin
