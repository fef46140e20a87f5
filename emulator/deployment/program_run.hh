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
#include "emulator/network/network_plan.hh"
#include "emulator/program/program_plan.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// The workloads of a scenario that stock programs do: starts each program in its node at its time,
// keeps what it prints, and reads results from that.
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
  // Lets each program start at its time. `zero_ns` is CLOCK_MONOTONIC at scenario time 0.
  void start(int64_t zero_ns);
  // Waits for all programs to end, interrupting those that still run `grace` after the end of the
  // scenario, or at once when the run was interrupted.
  void finish(bool interrupted);
  // Programs that did not do their work, in words; one per workload.
  const std::vector<std::string>& failures() const { return failures_; }
  // Of every workload that was done by programs, in scenario order; those that failed left out.
  std::vector<WorkloadResult> results();
  // Adds to the results of model halves what their real halves, programs, measured; a workload
  // whose program failed is taken out. Before failures().
  void complete(std::vector<WorkloadResult>& of_models);
  std::vector<Series> series();

 private:
  struct Step {
    const ProgramStep* plan = nullptr;
    std::optional<Time> launched;  // nothing when it was not
    ExecutionResult result;
    std::string failure;
    std::thread thread;
  };

  void run(Step& step);
  void run_unguarded(Step& step);
  bool should_end(const Step& step) const;
  Time now() const;
  WorkloadAddresses addresses_of(const WorkloadSpec& spec) const;
  IpAddress address_for(const WorkloadSpec& spec, NodePair ends) const;
  int owner_of(const IpAddress& address, int viewer) const;
  // Throws ProgramFailure when there is none, or it was not started.
  const Step& step_of(const WorkloadSpec& spec, ProgramRole role) const;
  std::string failure_of(const WorkloadSpec& spec) const;
  WorkloadResult read(const WorkloadSpec& spec);
  void add_half(const WorkloadSpec& spec, uint16_t port);
  const Step* half_of(const WorkloadSpec& spec) const;
  void complete_one(const WorkloadSpec& spec, WorkloadResult& of_model) const;
  WorkloadOutcome read_outcome(const WorkloadSpec& spec);
  WorkloadOutcome read_ping(const WorkloadSpec& spec, const PingWorkload& ping) const;
  WorkloadOutcome read_traceroute(const WorkloadSpec& spec) const;
  WorkloadOutcome read_iperf3(const WorkloadSpec& spec);

  const NetworkPlan& plan_;
  const Scenario& scenario_;
  AgentDirectory& agents_;
  ProgramPlan programs_;
  int64_t zero_ns_ = 0;
  std::atomic<bool> cancelled_ = false;
  std::vector<Step> steps_;  // never moved once the threads run
  std::vector<std::string> failures_;
  std::vector<Series> series_;
};

}  // namespace violin
