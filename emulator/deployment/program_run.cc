#include "emulator/deployment/program_run.hh"

#include <chrono>
#include <utility>

#include "emulator/realtime/scenario_clock.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// How long a server may take to listen, on a machine that has much else to do.
constexpr std::chrono::seconds kServerPatience{10};

}  // namespace

ProgramRun::ProgramRun(const NetworkPlan& plan, AgentDirectory& agents)
    : scenario_(plan.scenario()), agents_(agents), programs_(plan, ClockKind::kReal, agents) {}

ProgramRun::~ProgramRun() {
  cancelled_ = true;
  for (Step& step : steps_) {
    if (step.thread.joinable()) step.thread.join();
  }
}

std::vector<NodeSetting> ProgramRun::settings() const {
  std::vector<NodeSetting> settings;
  for (const SysctlSetting& setting : programs_.settings()) {
    const NodeSpec& node = scenario_.nodes[static_cast<size_t>(setting.node)];
    settings.push_back({node.full_name(), setting.name, setting.value});
  }
  return settings;
}

void ProgramRun::start(int64_t zero_ns) {
  zero_ns_ = zero_ns;
  steps_ = std::vector<Step>(programs_.steps().size());
  for (size_t i = 0; i < steps_.size(); ++i) {
    steps_[i].plan = &programs_.steps()[i];
    steps_[i].thread = std::thread([this, &step = steps_[i]] { run(step); });
  }
}

Time ProgramRun::now() const { return Time::from_ns(ScenarioClock::monotonic_ns() - zero_ns_); }

bool ProgramRun::should_end(const Step& step) const {
  const Time at = now();
  return cancelled_ || at > Time::zero() + scenario_.duration + WorkloadPrograms::kGrace ||
         (step.plan->limit && at > *step.outcome.launched + *step.plan->limit);
}

void ProgramRun::run(Step& step) try { run_unguarded(step); } catch (const std::exception& error) {
  step.outcome.failure = error.what();
}

void ProgramRun::run_unguarded(Step& step) {
  const ProgramStep& plan = *step.plan;
  while (now() < plan.start) {
    if (cancelled_) return;
    const Duration left = plan.start - now();
    std::this_thread::sleep_for(
        std::chrono::nanoseconds(std::min(left, Duration::milliseconds(50)).ns()));
  }
  if (plan.ready) {
    const NodeSpec& server = scenario_.nodes[static_cast<size_t>(plan.ready->node)];
    agents_.agent_of(server).await_port(server.full_name(), plan.ready->tcp_port, kServerPatience);
    if (cancelled_) return;
  }
  const NodeSpec& node = scenario_.nodes[static_cast<size_t>(plan.node)];
  ExecutionSpec execution;
  execution.node = node.full_name();
  execution.command = plan.argv;
  execution.as_root = plan.as_root;
  if (plan.wants_zero) {
    // A kernel of its own shares no clock with us but the calendar.
    const bool shares_clock = backend_under(ClockKind::kReal, node) != Backend::kUml;
    execution.command.insert(
        execution.command.end(),
        {shares_clock ? "--zero" : "--calendar-zero",
         std::to_string(shares_clock ? zero_ns_ : agents_.calendar_zero_of(node))});
  }
  step.outcome.launched = now();
  ExecutionResult ran =
      agents_.agent_of(node).execute(execution, [this, &step] { return should_end(step); });
  step.outcome.status = ran.status;
  step.outcome.output = std::move(ran.output);
  step.outcome.error = std::move(ran.error);
}

void ProgramRun::finish(bool interrupted) {
  if (interrupted) cancelled_ = true;
  for (Step& step : steps_) {
    if (step.thread.joinable()) step.thread.join();
  }
}

std::vector<std::string> ProgramRun::add_results(RunResult& result) {
  std::vector<ProgramOutcome> outcomes;
  for (Step& step : steps_) outcomes.push_back(std::move(step.outcome));
  return programs_.add_results(std::move(outcomes), result);
}

}  // namespace violin
