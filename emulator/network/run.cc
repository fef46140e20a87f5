#include "emulator/network/run.hh"

#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "emulator/network/parallel_slices.hh"
#include "emulator/network/progress.hh"
#include "emulator/network/run_slice.hh"
#include "emulator/network/slice_results.hh"
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
      : plan_(plan), machines_(machines), options_(options) {
    if (options.cut.parts > 1) together_.emplace(plan, options.cut);
    for (int part = 0; part < options.cut.parts; ++part) {
      slices_.emplace_back(plan, slice(part),
                           RunSlice::Options{options.folder / "pcap", recording_of(part)});
      if (together_) together_->add(slices_.back().network());
    }
  }

  RunResult run() {
    const WallClock::time_point started = WallClock::now();
    const Time end = Time::zero() + plan_.scenario().duration;
    for (RunSlice& slice : slices_) slice.start();
    if (machines_ != nullptr) boot_machines();
    const WallClock::time_point loop_started = WallClock::now();
    const bool interrupted = !run_to(end);
    const double wall_seconds = seconds_since(loop_started);
    add_results(interrupted ? slices_.front().network().scheduler().now() : end);
    result_.identity = identity_of(plan_.scenario(), options_);
    result_.duration = plan_.scenario().duration;
    result_.interrupted = interrupted;
    result_.wall_seconds = wall_seconds;
    if (machines_ != nullptr) end_machines(end + machines_->farewell());
    judge_run(plan_.scenario(), result_);
    result_.total_seconds = seconds_since(started);
    return std::move(result_);
  }

 private:
  Network::Slice slice(int part) {
    if (together_) return together_->slice(part, machines_);
    Network::Slice whole;
    whole.outside = machines_;
    return whole;
  }

  std::filesystem::path recording_of(int part) const {
    if (!options_.record) return {};
    return options_.folder / (together_ ? "frames." + std::to_string(part) + ".bin" : "frames.bin");
  }

  void boot_machines() {
    for (size_t part = 0; part < slices_.size(); ++part) {
      std::optional<int> processor;
      if (together_) processor = together_->processor(static_cast<int>(part));
      machines_->boot(slices_[part].network(), processor);
    }
  }

  uint64_t frame_hops() const {
    uint64_t hops = 0;
    for (const RunSlice& slice : slices_) hops += slice.network().frame_hops();
    return hops;
  }

  // Runs the events up to `end`; false when it was interrupted before.
  bool run_events(Time end, bool quiet) {
    Progress progress(quiet);
    const auto look = [&](Time now) {
      if (progress.due()) progress.update({now, plan_.scenario().duration, frame_hops()});
      return !InterruptGuard::requested();
    };
    if (together_) return together_->run_to(end, look);
    Warp warp;
    Scheduler& scheduler = slices_.front().network().scheduler();
    const uint64_t events = machines_ != nullptr ? kTurnsPerLook : kEventsPerLook;
    while (!scheduler.run_until(end, warp, events)) {
      if (!look(scheduler.now())) return false;
    }
    return true;
  }

  // False when it was interrupted before.
  bool run_to(Time end) {
    if (machines_ == nullptr) return run_events(end, options_.quiet);
    if (!run_events(Time::zero(), options_.quiet)) return false;
    machines_->require_ready();
    return run_events(end, options_.quiet);
  }

  void add_results(Time reached) {
    std::vector<RunResult> of_slices;
    std::vector<const Network*> networks;
    for (RunSlice& slice : slices_) {
      of_slices.push_back(slice.results(reached));
      networks.push_back(&slice.network());
    }
    result_ =
        together_ ? join_results(plan_, options_.cut, of_slices) : std::move(of_slices.front());
    result_.digest = Network::digest(networks);
    if (!together_) return;
    result_.cut = {options_.cut.parts, options_.cut.lookahead};
    if (options_.record) join_recordings();
  }

  void join_recordings() const {
    std::vector<std::filesystem::path> parts;
    for (int part = 0; part < options_.cut.parts; ++part) parts.push_back(recording_of(part));
    violin::join_recordings(plan_, parts, options_.folder / "frames.bin");
    for (const std::filesystem::path& part : parts) std::filesystem::remove(part);
  }

  // What happens from here on is nobody's result, except what programs say when they end.
  void end_machines(Time end) {
    for (RunSlice& slice : slices_) slice.stop_watching();
    if (!result_.interrupted && !run_events(end, /*quiet=*/true)) result_.interrupted = true;
    machines_->add_results(result_);
    result_.workloads = in_scenario_order(plan_.scenario(), std::move(result_.workloads));
  }

  const NetworkPlan& plan_;
  GuestMachines* machines_;  // null = none
  const RunOptions& options_;
  std::optional<ParallelSlices> together_;  // where the network is cut
  std::deque<RunSlice> slices_;
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
