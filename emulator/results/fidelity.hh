#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hh"
#include "emulator/results/workload_result.hh"
#include "models/link/log_histogram.hh"

// How well a real-clock run kept its times: what the agents counted, and what is to be thought of
// the run's figures.

namespace violin {

enum class FidelityVerdict { kValid, kDegraded, kInvalid };
// VALID, DEGRADED, INVALID.
std::string name_of(FidelityVerdict verdict);

// The most that a run may show and still be VALID, and still be only DEGRADED.
struct FidelityLimits {
  Duration valid_p50 = Duration::microseconds(5);     // of lateness
  Duration valid_p99 = Duration::microseconds(50);    // of lateness
  Duration degraded_p99 = Duration::milliseconds(1);  // of lateness
  double valid_steal = 0.01;                          // of processor_seconds
  double degraded_steal = 0.1;
};

// A distribution of durations with its histogram, so that it can be drawn.
struct DurationHistogram {
  DurationSummary summary;
  std::vector<LogHistogram::Bin> bins;  // not empty ones, ascending
};
DurationHistogram histogram_of(const LogHistogram& histogram);

// What one agent counted over the run.
struct AgentFidelity {
  std::string host;  // the overlay host, or "underlay"
  // From the nominal release of a frame to its writing to the kernel.
  DurationHistogram lateness;
  // How far the time on the way, end to end, was off what the model says. Not every run has it.
  DurationHistogram delay_error;
  double steal_seconds = 0;      // processors taken away by a hypervisor
  double processor_seconds = 0;  // over which that was counted: wall time x processors
  uint64_t overruns = 0;         // frames lost because an input queue was full before we came
  uint64_t buffer_drops = 0;     // frames dropped because no buffer was free
  // Link time of the largest super-frame that passed as one: no frame in it can have been placed
  // better than that.
  Duration aggregation;
  // By how much its scenario time can have been off the coordinator's; zero = the same clock.
  Duration clock_error;
  // Filled by judge_fidelity().
  FidelityVerdict verdict = FidelityVerdict::kValid;
  std::vector<std::string> reasons;

  // 0 when nothing was counted.
  double steal() const { return processor_seconds > 0 ? steal_seconds / processor_seconds : 0; }
};

struct FidelityResult {
  FidelityVerdict verdict = FidelityVerdict::kValid;  // the worst of the agents'
  std::vector<std::string> reasons;  // "mit: lateness p99 is 120 us, above 50 us"; none when VALID
  FidelityLimits limits;
  std::vector<AgentFidelity> agents;  // by name of the host

  // The agent whose lateness has the highest 99th percentile; null without agents.
  const AgentFidelity* latest() const;
  double worst_steal() const;  // share
  Duration aggregation() const;
  Duration clock_error() const;
  uint64_t overruns() const;
  uint64_t buffer_drops() const;
};

// A run without agents is INVALID: nothing vouches for its times.
FidelityResult judge_fidelity(std::vector<AgentFidelity> agents, const FidelityLimits& limits = {});

}  // namespace violin
