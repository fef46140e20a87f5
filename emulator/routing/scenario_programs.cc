#include "emulator/routing/scenario_programs.hh"

#include <algorithm>
#include <iterator>
#include <utility>

namespace violin {

ScenarioPrograms::ScenarioPrograms(const NetworkPlan& plan, ClockKind clock,
                                   const ProgramNodes& nodes)
    : workloads_(plan, clock, nodes),
      routing_(plan.scenario(), clock, nodes),
      filters_(plan.scenario(), clock) {
  for (const auto* steps : {&workloads_.steps(), &routing_.steps(), &filters_.steps()}) {
    steps_.insert(steps_.end(), steps->begin(), steps->end());
  }
}

Duration ScenarioPrograms::lead() const {
  Duration lead;
  for (const ProgramStep& step : steps_) lead = std::max(lead, Time::zero() - step.start);
  return lead;
}

std::vector<std::string> ScenarioPrograms::add_results(std::vector<ProgramOutcome> outcomes,
                                                       RunResult& result) {
  auto next = std::make_move_iterator(outcomes.begin());
  const auto take = [&next](size_t count) {
    const auto end = next + static_cast<ptrdiff_t>(count);
    return std::vector<ProgramOutcome>(std::exchange(next, end), end);
  };
  workloads_.set_outcomes(take(workloads_.steps().size()));
  workloads_.complete(result.workloads);
  for (WorkloadResult& workload : workloads_.results()) {
    result.workloads.push_back(std::move(workload));
  }
  for (Series& series : workloads_.series()) result.series.push_back(std::move(series));
  std::vector<std::string> failures = workloads_.failures();
  result.routers = routing_.results(take(routing_.steps().size()), failures);
  for (std::string& failure : filters_.failures(take(filters_.steps().size()))) {
    failures.push_back(std::move(failure));
  }
  return failures;
}

}  // namespace violin
