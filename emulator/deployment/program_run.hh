#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/deployment/agent_directory.hh"
#include "emulator/routing/scenario_programs.hh"

namespace violin {

// The programs of a scenario, of workloads and of routers: starts each in its node at its time, and
// keeps what it prints.
class ProgramRun {
 public:
  // Throws InputError for a workload that programs cannot do. Plan and agents outlive this.
  ProgramRun(const NetworkPlan& plan, AgentDirectory& agents);
  // Ends every program that still runs.
  ~ProgramRun();
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  // What the programs want of the kernels of their nodes.
  std::vector<NodeSetting> settings() const;
  // How long before time 0 the first of them is started.
  Duration lead() const { return programs_.lead(); }
  // Lets each program start at its time. `zero_ns` is CLOCK_MONOTONIC at scenario time 0.
  void start(int64_t zero_ns);
  // Waits for all programs to end, interrupting those that still run `grace` after the end of the
  // scenario, or at once when the run was interrupted.
  void finish(bool interrupted);
  // What came of it, once, from then on: as ScenarioPrograms.
  std::vector<std::string> add_results(RunResult& result);

 private:
  struct Step {
    const ProgramStep* plan = nullptr;
    ProgramOutcome outcome;
    std::thread thread;
  };

  void run(Step& step);
  void run_unguarded(Step& step);
  bool should_end(const Step& step) const;
  Time now() const;

  const Scenario& scenario_;
  AgentDirectory& agents_;
  ScenarioPrograms programs_;
  int64_t zero_ns_ = 0;
  std::atomic<bool> cancelled_ = false;
  std::vector<Step> steps_;  // never moved once the threads run
};

}  // namespace violin
