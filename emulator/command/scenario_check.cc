#include "emulator/command/scenario_check.hh"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "emulator/network/network_plan.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/metric_catalogue.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

// A sweep over more combinations than this is checked by its first ones, so that checking stays
// quick.
constexpr size_t kCombinationsChecked = 200;

void check_workloads(const NetworkPlan& plan) {
  const Scenario& scenario = plan.scenario();
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (workload.to < 0) continue;
    const NodePair ends{workload.from, workload.to};
    if (plan.address_for(ends) && plan.address_for({ends.to, ends.from})) continue;
    throw InputError(workload.at,
                     "there is no route for the workload " + workload.name + " from " +
                         scenario.nodes[static_cast<size_t>(ends.from)].full_name() + " to " +
                         scenario.nodes[static_cast<size_t>(ends.to)].full_name() + " and back");
  }
}

void check_one(const Scenario& scenario, const SweepValues& sweep) {
  const NetworkPlan plan(scenario);
  check_workloads(plan);
  check_expectations(scenario, MetricCatalogue(scenario), sweep);
}

void add_value(std::vector<std::string>& values, const std::string& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

}  // namespace

SweepValues values_of(const std::vector<SweepPoint>& points) {
  SweepValues values;
  if (points.size() < 2) return values;
  std::set<uint64_t> seeds;
  for (const SweepPoint& point : points) {
    for (const auto& [name, value] : point.params) add_value(values[name], value);
    if (seeds.insert(point.seed).second) values["seed"].push_back(std::to_string(point.seed));
  }
  if (seeds.size() < 2) values.erase("seed");
  return values;
}

CheckedScenario check_scenario(const ScenarioSource& source, const Overrides& overrides) {
  CheckedScenario checked;
  checked.points = sweep_points(source, overrides);
  checked.sweep = values_of(checked.points);
  checked.scenario = read_scenario(source, {.overrides = overrides});
  check_one(checked.scenario, checked.sweep);
  if (checked.points.size() < 2) return checked;
  std::set<std::map<std::string, std::string>> seen;
  for (const SweepPoint& point : checked.points) {
    if (seen.size() >= kCombinationsChecked) break;
    if (!seen.insert(point.params).second) continue;
    check_one(read_scenario(source, {.overrides = overrides, .point = point}), checked.sweep);
  }
  return checked;
}

}  // namespace violin
