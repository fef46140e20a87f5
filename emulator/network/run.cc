#include "emulator/network/run.hh"

#include <chrono>
#include <memory>

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

// Between two looks at the wall clock and at interrupts: some milliseconds.
constexpr uint64_t kEventsPerLook = 1 << 16;

// Runs the events up to `end`; false when it was interrupted before.
bool run_events(Network& network, Time end, Progress& progress) {
  Warp warp;
  Scheduler& scheduler = network.scheduler();
  while (!scheduler.run_until(end, warp, kEventsPerLook)) {
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

RunResult run_scenario(const Scenario& scenario, const RunOptions& options) {
  const WallClock::time_point started = WallClock::now();
  const NetworkPlan plan(scenario);
  Network network(plan);
  WorkloadSet workloads(network);
  EventScript events(network);
  Sampler sampler(network);
  network.add_entity(events.entity());
  network.add_entity(sampler.entity());
  network.rank_entities();
  CaptureSet captures(network, options.folder / "pcap");
  std::unique_ptr<FrameRecording> recording;
  if (options.record) {
    recording = std::make_unique<FrameRecording>(network, options.folder / "frames.bin");
  }
  workloads.start();
  events.start();
  sampler.start();

  RunResult result;
  result.identity = identity_of(scenario, options);
  result.duration = scenario.duration;
  result.window = network.window();
  const Time end = Time::zero() + scenario.duration;
  const WallClock::time_point loop_started = WallClock::now();
  {
    Progress progress(options.quiet);
    result.interrupted = !run_events(network, end, progress);
  }
  result.wall_seconds = seconds_since(loop_started);

  const Time reached = result.interrupted ? network.scheduler().now() : end;
  captures.close();
  if (recording) recording->close();
  for (const std::string& file : captures.files()) result.captures.push_back("pcap/" + file);
  result.virtual_time = reached - Time::zero();
  add_link_results(network, reached, result);
  network.check_conservation();
  result.frame_hops = network.frame_hops();
  result.events = network.scheduler().events_run();
  result.digest = network.digest();
  result.workloads = workloads.results(reached);
  result.series = workloads.series();
  for (Series& series : sampler.series()) result.series.push_back(std::move(series));
  result.digests = sampler.digests(reached);
  result.event_log = events.log();
  judge_run(scenario, result);
  result.total_seconds = seconds_since(started);
  return result;
}

}  // namespace violin
