#include "emulator/deployment/real_run.hh"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "emulator/deployment/local_deployment.hh"
#include "emulator/deployment/program_run.hh"
#include "emulator/deployment/result_merge.hh"
#include "emulator/network/progress.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/result_reader.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

// How often the coordinator looks at interrupts and at its agents.
constexpr std::chrono::milliseconds kLookInterval{50};

// Waits for the end of the scenario; false when it was interrupted before. Throws when an agent
// that should be there is not.
bool wait_for(Duration duration, int64_t zero_ns, LocalDeployment& deployment, Progress& progress) {
  for (;;) {
    const Time now = Time::from_ns(ScenarioClock::monotonic_ns() - zero_ns);
    if (now >= Time::zero() + duration) return true;
    if (InterruptGuard::requested()) return false;
    if (const auto failure = deployment.failure()) throw std::runtime_error(*failure);
    if (progress.due()) progress.update({now, duration, 0});
    std::this_thread::sleep_for(kLookInterval);
  }
}

// Every agent's own results, read from what it hands over; captures go where the run wants them.
std::map<std::string, RunResult> collect(LocalDeployment& deployment, const fs::path& folder) {
  std::map<std::string, RunResult> slices;
  for (const auto& [slice, agent] : deployment.agents()) {
    const fs::path part = folder / (".slice-" + slice);
    fs::create_directory(part);
    agent->finish(part);
    slices[slice] = read_result(part);
    for (const std::string& capture : slices[slice].captures) {
      fs::create_directories((folder / capture).parent_path());
      fs::rename(part / capture, folder / capture);
    }
    fs::remove_all(part);
  }
  return slices;
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

}  // namespace

RunResult run_scenario_in_real_time(const Scenario& scenario, const RunOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  const NetworkPlan plan(scenario);
  LocalDeployment deployment(scenario);
  ProgramRun programs(plan, deployment);
  deployment.build(programs.settings());
  const int64_t zero = deployment.start();
  programs.start(zero);
  bool interrupted = false;
  {
    Progress progress(options.quiet);
    interrupted = !wait_for(scenario.duration, zero, deployment, progress);
  }
  programs.finish(interrupted);

  RunResult result = merge_slices(scenario, collect(deployment, options.folder));
  result.identity = identity_of(scenario, options);
  result.identity.clock = "real";
  result.interrupted = interrupted;
  result.duration = scenario.duration;
  result.window = {scenario.measure_from, scenario.measure_to};
  result.virtual_time = std::min(result.virtual_time, scenario.duration);
  result.wall_seconds = result.virtual_time.to_seconds();
  for (WorkloadResult& workload : programs.results()) {
    result.workloads.push_back(std::move(workload));
  }
  result.workloads = in_scenario_order(scenario, std::move(result.workloads));
  for (Series& series : programs.series()) result.series.push_back(std::move(series));
  result.failures = programs.failures();
  judge_run(scenario, result);
  result.total_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

}  // namespace violin
