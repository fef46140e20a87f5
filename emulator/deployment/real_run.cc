#include "emulator/deployment/real_run.hh"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

#include "emulator/deployment/delay_error.hh"
#include "emulator/deployment/hosts_deployment.hh"
#include "emulator/deployment/local_deployment.hh"
#include "emulator/deployment/program_run.hh"
#include "emulator/network/progress.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/result_merge.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

// How often the coordinator looks at interrupts and at its agents.
constexpr std::chrono::milliseconds kLookInterval{50};

// gRPC ends the process when it finds no descriptor for its own use.
void require_descriptors() {
  constexpr rlim_t kMin = 32;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kMin) return;
  throw std::runtime_error("the real clock needs " + std::to_string(kMin) +
                           " open files or more, and this process may have " +
                           std::to_string(limit.rlim_cur) + " (ulimit -n)");
}

LiveRun description_of(const Scenario& scenario, const RealRun::Options& options,
                       const Deployment& deployment) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  LiveRun run;
  run.scenario = scenario.name;
  run.file = fs::absolute(options.file).string();
  run.folder = fs::absolute(options.folder).string();
  run.began = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::set<std::string> slices;
  for (const NodeSpec& node : scenario.nodes) {
    const std::optional<std::string> slice = deployment.slice_with(node);
    if (!slice) continue;
    slices.insert(*slice);
    const bool real = backend_under(ClockKind::kReal, node) != Backend::kModel;
    run.nodes.push_back(
        {node.full_name(), real, real ? deployment.socket_of(*slice).string() : std::string()});
  }
  run.agents = slices.size();
  return run;
}

std::unique_ptr<Deployment> make_deployment(const Scenario& scenario,
                                            const RealRun::Options& options) {
  if (options.hosts) return std::make_unique<HostsDeployment>(scenario, *options.hosts);
  return std::make_unique<LocalDeployment>(scenario);
}

void add_notes(const std::vector<std::string>& notes, RunResult& result) {
  std::vector<RunEvent> events;
  for (const std::string& note : notes) events.push_back({Time::zero(), "note", note});
  add_events(events, result);
}

// Of a real underlay nobody knows which way frames go.
void leave_underlay_out(RunResult& result) {
  for (WorkloadResult& workload : result.workloads) {
    std::erase_if(workload.path, [](const PathStep& step) {
      return step.link.starts_with(std::string(kUnderlayPlane) + "/");
    });
  }
}

}  // namespace

RealRun::RealRun(const Scenario& scenario, Options options)
    : scenario_(scenario), options_(std::move(options)), plan_(scenario) {
  require_descriptors();
  deployment_ = make_deployment(scenario, options_);
  announcement_.emplace(description_of(scenario, options_, *deployment_));
}

bool RealRun::should_stop() const {
  return InterruptGuard::requested() || announcement_->end_was_asked_for();
}

// False when it was interrupted before. Throws when an agent that should be there is not.
bool RealRun::wait_for_end(int64_t zero_ns) {
  Progress progress(options_.run.quiet);
  for (;;) {
    const Time now = Time::from_ns(ScenarioClock::monotonic_ns() - zero_ns);
    if (now >= Time::zero() + scenario_.duration) return true;
    if (should_stop()) return false;
    if (deployment_->has_failed()) throw AgentLost("an agent is gone");
    if (progress.due()) progress.update({now, scenario_.duration, 0});
    std::this_thread::sleep_for(kLookInterval);
  }
}

// Read from what the agents hand over; captures go where the run wants them.
std::map<std::string, RunResult> RealRun::collect(AgentClient::Afterwards afterwards) {
  const fs::path& folder = options_.run.folder;
  std::map<std::string, RunResult> slices;
  for (const auto& [slice, agent] : deployment_->agents()) {
    const fs::path part = folder / (".slice-" + slice);
    fs::create_directory(part);
    agent->finish(part, afterwards);
    slices[slice] = read_result(part);
    if (slices[slice].fidelity) {
      for (AgentFidelity& fidelity : slices[slice].fidelity->agents) {
        fidelity.clock_error = deployment_->clock_error(slice);
      }
    }
    for (const std::string& capture : slices[slice].captures) {
      fs::create_directories((folder / capture).parent_path());
      fs::rename(part / capture, folder / capture);
    }
    fs::remove_all(part);
  }
  return slices;
}

RunResult RealRun::run() try {
  RunResult result = run_unexplained();
  if (!options_.hold) deployment_.reset();
  return result;
} catch (const AgentLost&) {
  // Who has ended, and how, says more.
  if (const auto failure = deployment_->failure()) throw std::runtime_error(*failure);
  throw;
}

RunResult RealRun::merged(const std::map<std::string, RunResult>& slices) const {
  RunResult result = merge_slices(scenario_, slices);
  result.identity = identity_of(scenario_, options_.run);
  result.identity.clock = "real";
  if (scenario_.has_underlay()) {
    result.identity.underlay = deployment_->has_real_underlay() ? "real" : "emulated";
  }
  result.duration = scenario_.duration;
  result.window = {scenario_.measure_from, scenario_.measure_to};
  result.virtual_time = std::min(result.virtual_time, scenario_.duration);
  result.wall_seconds = result.virtual_time.to_seconds();
  return result;
}

RunResult RealRun::run_unexplained() {
  const auto started = std::chrono::steady_clock::now();
  ProgramRun programs(plan_, *deployment_);
  deployment_->build({announcement_->id(), programs.settings()});
  const AgentZero zero = deployment_->start(std::max(scenario_.bootstrap, programs.lead()));
  programs.start(zero.monotonic_ns);
  announcement_->set_phase(LiveRun::Phase::kRunning, zero.monotonic_ns + scenario_.duration.ns());
  const bool interrupted = !wait_for_end(zero.monotonic_ns);
  announcement_->set_phase(LiveRun::Phase::kFinishing);
  programs.finish(interrupted);

  const bool hold = options_.hold && !interrupted;
  RunResult result =
      merged(collect(hold ? AgentClient::Afterwards::kHold : AgentClient::Afterwards::kStop));
  result.identity.epoch_ns = zero.epoch_ns;
  result.interrupted = interrupted;
  result.failures = programs.add_results(result);
  result.workloads = in_scenario_order(scenario_, std::move(result.workloads));
  if (deployment_->has_real_underlay()) {
    leave_underlay_out(result);
  } else {
    add_delay_errors(plan_, result);
  }
  add_notes(deployment_->notes(), result);
  judge_run(scenario_, result);
  result.total_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

void RealRun::hold() {
  announcement_->set_phase(LiveRun::Phase::kHeld);
  while (!should_stop()) {
    if (deployment_->has_failed()) {
      throw std::runtime_error(deployment_->failure().value_or("an agent is gone"));
    }
    std::this_thread::sleep_for(kLookInterval);
  }
}

}  // namespace violin
