#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emulator/network/network_plan.hh"
#include "emulator/program/program_plan.hh"
#include "emulator/results/run_result.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {

// What became of one program.
struct ProgramOutcome {
  std::optional<Time> launched;  // nothing when it was not
  int status = 0;                // exit status, or 128 + the signal that ended it
  std::string output;
  std::string error;
  std::string failure;  // what kept it from running, in words
};

// What is to be known of the nodes that programs run in.
class ProgramNodes {
 public:
  // What the calendar of a node's kernel shows at scenario time 0, nanoseconds since 1970. Known
  // when that has been agreed on.
  virtual int64_t calendar_zero_of(const NodeSpec& node) const = 0;
  // What an overlay host of a real underlay is reached at; nothing for every other node, which has
  // the addresses of the scenario.
  virtual std::optional<IpAddress> real_address_of(const NodeSpec& node) const = 0;

 protected:
  ~ProgramNodes() = default;
};

// The workloads of a scenario that programs do, wholly or one half of: what to run, and what the
// results are, read from what the programs printed. Whoever runs them is somebody else.
class WorkloadPrograms {
 public:
  // How long after the end of the scenario programs may go on: for what is still under way, and to
  // say good-bye.
  static constexpr Duration kGrace = Duration::milliseconds(500);

  // Throws InputError for a workload that programs cannot do. Plan and nodes outlive this.
  WorkloadPrograms(const NetworkPlan& plan, ClockKind clock, const ProgramNodes& nodes);

  // In the order in which they are to be started where times are equal.
  const std::vector<ProgramStep>& steps() const { return programs_.steps(); }
  // What the programs want of the kernels of their nodes.
  std::vector<SysctlSetting> settings() const;

  // What became of steps(), one by one. Everything below is read from that.
  void set_outcomes(std::vector<ProgramOutcome> outcomes) { outcomes_ = std::move(outcomes); }
  // Of every workload that was done by programs, in scenario order; those that failed left out.
  std::vector<WorkloadResult> results();
  // Adds to the results of model halves what their real halves, programs, measured; a workload
  // whose program failed is taken out. Before failures().
  void complete(std::vector<WorkloadResult>& of_models);
  // Once, after results().
  std::vector<Series> series() { return std::move(series_); }
  // Programs that did not do their work, in words; one per workload.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  // A step and what became of it.
  struct Ran {
    const ProgramStep& step;
    const ProgramOutcome& outcome;
  };
  const NodeSpec& node(int index) const { return scenario_.nodes[static_cast<size_t>(index)]; }
  WorkloadAddresses addresses_of(const WorkloadSpec& spec) const;
  IpAddress address_for(const WorkloadSpec& spec, NodePair ends) const;
  IpAddress address_of_called(const WorkloadSpec& spec) const;
  int owner_of(const IpAddress& address, int viewer) const;
  // Throws ProgramFailure when there is none, or it was not started.
  const ProgramOutcome& outcome_of(const WorkloadSpec& spec, ProgramRole role) const;
  std::string failure_of(const WorkloadSpec& spec) const;
  WorkloadResult read(const WorkloadSpec& spec);
  WorkloadOutcome read_outcome(const WorkloadSpec& spec);
  WorkloadOutcome read_ping(const WorkloadSpec& spec, const PingWorkload& ping) const;
  WorkloadOutcome read_traceroute(const WorkloadSpec& spec) const;
  WorkloadOutcome read_iperf3(const WorkloadSpec& spec);
  void add_half(const WorkloadSpec& spec, uint16_t port);
  std::optional<Ran> half_of(const WorkloadSpec& spec) const;
  void complete_one(const WorkloadSpec& spec, WorkloadResult& of_model) const;

  const NetworkPlan& plan_;
  const Scenario& scenario_;
  ClockKind clock_;
  const ProgramNodes& nodes_;
  ProgramPlan programs_;
  std::vector<ProgramOutcome> outcomes_;  // by step; empty = none is known
  std::vector<std::string> failures_;
  std::vector<Series> series_;
};

}  // namespace violin
