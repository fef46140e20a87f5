#pragma once

#include <string>
#include <vector>

#include "emulator/program/workload_programs.hh"
#include "emulator/results/run_result.hh"
#include "emulator/routing/filter_programs.hh"
#include "emulator/routing/routing_programs.hh"

namespace violin {

// All programs of a scenario: those that do workloads, routing daemons, and what sets firewalls up.
// Whoever runs them is somebody else.
class ScenarioPrograms {
 public:
  // Throws InputError for a workload that programs cannot do. Plan and nodes outlive this.
  ScenarioPrograms(const NetworkPlan& plan, ClockKind clock, const ProgramNodes& nodes);

  // In the order in which they are to be started where times are equal.
  const std::vector<ProgramStep>& steps() const { return steps_; }
  // How long before time 0 the first of them is started.
  Duration lead() const;
  // What the programs want of the kernels of their nodes.
  std::vector<SysctlSetting> settings() const { return workloads_.settings(); }
  // From what became of steps(), one by one: workloads behind those that are there, whose model
  // halves are completed; series, routers. Returns the programs that did not do their work, in
  // words. Once.
  std::vector<std::string> add_results(std::vector<ProgramOutcome> outcomes, RunResult& result);

 private:
  WorkloadPrograms workloads_;
  RoutingPrograms routing_;
  FilterPrograms filters_;
  std::vector<ProgramStep> steps_;  // of workloads, of routing, of filters
};

}  // namespace violin
