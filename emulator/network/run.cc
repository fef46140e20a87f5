#include "emulator/network/run.hh"

#include <chrono>
#include <optional>
#include <utility>

#include "emulator/network/capture_set.hh"
#include "emulator/network/event_script.hh"
#include "emulator/network/frame_recording.hh"
#include "emulator/network/link_results.hh"
#include "emulator/network/network.hh"
#include "emulator/network/progress.hh"
#include "emulator/network/sampler.hh"
#include "emulator/network/workload_set.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/results/build_info.hh"
#include "emulator/results/expectation.hh"

namespace violin {
namespace {

using WallClock = std::chrono::steady_clock;

double seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

// Between two looks at the wall clock and at interrupts: some milliseconds. A turn of a machine's
// kernel is an event, too, and takes a thousand times as long.
constexpr uint64_t kEventsPerLook = 1 << 16, kTurnsPerLook = 1 << 6;

// Runs the events up to `end`; false when it was interrupted before.
bool run_events(Network& network, Time end, uint64_t events_per_look, Progress& progress) {
  Warp warp;
  Scheduler& scheduler = network.scheduler();
  while (!scheduler.run_until(end, warp, events_per_look)) {
    if (InterruptGuard::requested()) return false;
    if (progress.due()) {
      progress.update({scheduler.now(), network.scenario().duration, network.frame_hops()});
    }
  }
  return true;
}

}  // namespace

RunIdentity identity_of(const Scenario& scenario, const RunOptions& options) {
  RunIdentity identity;
  identity.scenario = scenario.name;
  identity.version = program_version();
  identity.commit = program_commit();
  identity.command = options.command;
  identity.machine = machine_description();
  identity.seed = scenario.seed;
  identity.params = scenario.params;
  identity.epoch_ns = kVirtualEpochNs;
  return identity;
}

std::vector<WorkloadResult> in_scenario_order(const Scenario& scenario,
                                              std::vector<WorkloadResult> some) {
  std::vector<WorkloadResult> ordered;
  for (const WorkloadSpec& spec : scenario.workloads) {
    for (WorkloadResult& result : some) {
      if (result.name == spec.name) ordered.push_back(std::move(result));
    }
  }
  return ordered;
}

namespace {

// Everything that is built for one run under the virtual clock.
class VirtualRun {
 public:
  VirtualRun(const NetworkPlan& plan, GuestMachines* machines, const RunOptions& options)
      : plan_(plan),
        machines_(machines),
        options_(options),
        network_(plan, slice()),
        workloads_(network_),
        events_(network_),
        sampler_(network_),
        captures_(std::in_place, network_, options.folder / "pcap") {
    network_.add_entity(events_.entity());
    network_.add_entity(sampler_.entity());
    network_.rank_entities();
    if (options.record) recording_.emplace(network_, options.folder / "frames.bin");
  }

  RunResult run() {
    const WallClock::time_point started = WallClock::now();
    const Time end = Time::zero() + plan_.scenario().duration;
    result_.identity = identity_of(plan_.scenario(), options_);
    result_.duration = plan_.scenario().duration;
    result_.window = network_.window();
    workloads_.start();
    events_.start();
    sampler_.start();
    if (machines_ != nullptr) machines_->boot(network_);
    const WallClock::time_point loop_started = WallClock::now();
    result_.interrupted = !run_to(end);
    result_.wall_seconds = seconds_since(loop_started);
    add_results(result_.interrupted ? network_.scheduler().now() : end);
    if (machines_ != nullptr) end_machines(end + machines_->farewell());
    judge_run(plan_.scenario(), result_);
    result_.total_seconds = seconds_since(started);
    return std::move(result_);
  }

 private:
  Network::Slice slice() const {
    Network::Slice slice;
    slice.outside = machines_;
    return slice;
  }

  // False when it was interrupted before.
  bool run_to(Time end) {
    Progress progress(options_.quiet);
    if (machines_ == nullptr) return run_events(network_, end, kEventsPerLook, progress);
    if (!run_events(network_, Time::zero(), kTurnsPerLook, progress)) return false;
    machines_->require_ready();
    return run_events(network_, end, kTurnsPerLook, progress);
  }

  void add_results(Time reached) {
    captures_->close();
    if (recording_) recording_->close();
    for (const std::string& file : captures_->files()) result_.captures.push_back("pcap/" + file);
    result_.virtual_time = reached - Time::zero();
    add_link_results(network_, reached, result_);
    network_.check_conservation();
    result_.frame_hops = network_.frame_hops();
    result_.events = network_.scheduler().events_run();
    result_.digest = network_.digest();
    result_.workloads = workloads_.results(reached);
    result_.series = workloads_.series();
    for (Series& series : sampler_.series()) result_.series.push_back(std::move(series));
    result_.digests = sampler_.digests(reached);
    result_.event_log = events_.log();
  }

  // What happens from here on is nobody's result, except what programs say when they end.
  void end_machines(Time end) {
    captures_.reset();
    recording_.reset();
    sampler_.stop();
    Progress progress(/*quiet=*/true);
    if (!result_.interrupted && !run_events(network_, end, kTurnsPerLook, progress)) {
      result_.interrupted = true;
    }
    machines_->add_results(result_);
    result_.workloads = in_scenario_order(plan_.scenario(), std::move(result_.workloads));
  }

  const NetworkPlan& plan_;
  GuestMachines* machines_;  // null = none
  const RunOptions& options_;
  Network network_;
  WorkloadSet workloads_;
  EventScript events_;
  Sampler sampler_;
  std::optional<CaptureSet> captures_;
  std::optional<FrameRecording> recording_;
  RunResult result_;
};

}  // namespace

RunResult run_scenario(const Scenario& scenario, const RunOptions& options) {
  const NetworkPlan plan(scenario);
  return VirtualRun(plan, nullptr, options).run();
}

RunResult run_scenario(const NetworkPlan& plan, GuestMachines& machines,
                       const RunOptions& options) {
  return VirtualRun(plan, &machines, options).run();
}

}  // namespace violin
