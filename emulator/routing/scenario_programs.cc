#include "emulator/routing/scenario_programs.hh"

#include <iterator>
#include <utility>

namespace violin {

ScenarioPrograms::ScenarioPrograms(const NetworkPlan& plan, ClockKind clock,
                                   const ProgramNodes& nodes)
    : workloads_(plan, clock, nodes), routing_(plan.scenario(), clock, nodes) {
  steps_ = workloads_.steps();
  steps_.insert(steps_.end(), routing_.steps().begin(), routing_.steps().end());
}

std::vector<std::string> ScenarioPrograms::add_results(std::vector<ProgramOutcome> outcomes,
                                                       RunResult& result) {
  const auto of_routing = outcomes.begin() + static_cast<ptrdiff_t>(workloads_.steps().size());
  const std::vector<ProgramOutcome> daemons(std::make_move_iterator(of_routing),
                                            std::make_move_iterator(outcomes.end()));
  outcomes.erase(of_routing, outcomes.end());
  workloads_.set_outcomes(std::move(outcomes));
  workloads_.complete(result.workloads);
  for (WorkloadResult& workload : workloads_.results()) {
    result.workloads.push_back(std::move(workload));
  }
  for (Series& series : workloads_.series()) result.series.push_back(std::move(series));
  std::vector<std::string> failures = workloads_.failures();
  result.routers = routing_.results(daemons, failures);
  return failures;
}

}  // namespace violin
