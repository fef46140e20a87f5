#include "emulator/deployment/program_run.hh"

#include <chrono>
#include <utility>

#include "emulator/network/workload_path.hh"
#include "emulator/network/workload_ports.hh"
#include "emulator/network/workload_window.hh"
#include "emulator/program/iperf3_output.hh"
#include "emulator/program/ping_output.hh"
#include "emulator/program/program_failure.hh"
#include "emulator/program/traceroute_output.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// How long a server may take to listen, on a machine that has much else to do.
constexpr std::chrono::seconds kServerPatience{10};
// After the end of the scenario: for what is still under way, and for programs to say good-bye.
constexpr Duration kGrace = Duration::milliseconds(500);

constexpr Bytes kExecOutputMax{64 << 10};

}  // namespace

ProgramRun::ProgramRun(const NetworkPlan& plan, AgentDirectory& agents)
    : plan_(plan),
      scenario_(plan.scenario()),
      agents_(agents),
      programs_(plan.scenario().duration) {
  for (const TunnelPlan& tunnel : plan.tunnels()) {
    programs_.reserve_port(tunnel.host_a, TunnelHeader::kUdpPort);
    programs_.reserve_port(tunnel.host_b, TunnelHeader::kUdpPort);
  }
  // First, since their ports are known to the models, too.
  const WorkloadPorts ports(plan, ClockKind::kReal);
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (is_half_model(scenario_, spec)) add_half(spec, ports.port_of(spec.name));
  }
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (!done_by_programs(scenario_, spec)) continue;
    programs_.add(spec, addresses_of(spec));
  }
}

WorkloadAddresses ProgramRun::addresses_of(const WorkloadSpec& spec) const {
  if (spec.to < 0) return {};
  return {address_for(spec, {spec.from, spec.to}), address_for(spec, {spec.to, spec.from})};
}

// Under which one end reaches the other.
IpAddress ProgramRun::address_for(const WorkloadSpec& spec, NodePair ends) const {
  const NodeSpec& to = scenario_.nodes[static_cast<size_t>(ends.to)];
  std::optional<IpAddress> address = agents_.real_address_of(to);
  if (!address) address = plan_.address_for(ends);
  if (!address) throw InputError(spec.at, "there is no route for the workload " + spec.name);
  return *address;
}

int ProgramRun::owner_of(const IpAddress& address, int viewer) const {
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    if (agents_.real_address_of(scenario_.nodes[i]) == address) return static_cast<int>(i);
  }
  const bool is_real =
      agents_.real_address_of(scenario_.nodes[static_cast<size_t>(viewer)]).has_value();
  return is_real ? -1 : plan_.owner_of(address, viewer);
}

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
    // The model half of a workload has its options without a kernel.
    if (backend_under(ClockKind::kReal, node) == Backend::kModel) continue;
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
  return cancelled_ || at > Time::zero() + scenario_.duration + kGrace ||
         (step.plan->limit && at > *step.launched + *step.plan->limit);
}

void ProgramRun::run(Step& step) try { run_unguarded(step); } catch (const std::exception& error) {
  step.failure = error.what();
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
    execution.command.insert(execution.command.end(), {"--zero", std::to_string(zero_ns_)});
  }
  step.launched = now();
  step.result =
      agents_.agent_of(node).execute(execution, [this, &step] { return should_end(step); });
}

void ProgramRun::finish(bool interrupted) {
  if (interrupted) cancelled_ = true;
  for (Step& step : steps_) {
    if (step.thread.joinable()) step.thread.join();
  }
}

const ProgramRun::Step& ProgramRun::step_of(const WorkloadSpec& spec, ProgramRole role) const {
  for (const Step& step : steps_) {
    if (step.plan->workload != spec.name || step.plan->role != role) continue;
    if (!step.launched) throw ProgramFailure("the run was interrupted before it began");
    return step;
  }
  throw ProgramFailure("it would begin after the end of the scenario");
}

// What kept one of its programs from running; empty when nothing did.
std::string ProgramRun::failure_of(const WorkloadSpec& spec) const {
  for (const Step& step : steps_) {
    if (step.plan->workload == spec.name && !step.failure.empty()) return step.failure;
  }
  return "";
}

std::vector<WorkloadResult> ProgramRun::results() {
  std::vector<WorkloadResult> results;
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (!done_by_programs(scenario_, spec)) continue;
    std::string failure = failure_of(spec);
    try {
      if (failure.empty()) results.push_back(read(spec));
    } catch (const ProgramFailure& error) {
      failure = error.what();
    }
    if (!failure.empty()) failures_.push_back(spec.name + ": " + failure);
  }
  return results;
}

std::vector<Series> ProgramRun::series() { return std::move(series_); }

WorkloadResult ProgramRun::read(const WorkloadSpec& spec) {
  WorkloadResult result;
  result.name = spec.name;
  result.from = scenario_.nodes[static_cast<size_t>(spec.from)].full_name();
  if (spec.to >= 0) result.to = scenario_.nodes[static_cast<size_t>(spec.to)].full_name();
  result.source = "program";
  result.start = Time::zero() + spec.start;
  result.outcome = read_outcome(spec);
  if (spec.to >= 0) result.path = path_steps(plan_, {spec.from, spec.to});
  return result;
}

WorkloadOutcome ProgramRun::read_outcome(const WorkloadSpec& spec) {
  if (const auto* ping = std::get_if<PingWorkload>(&spec.kind)) return read_ping(spec, *ping);
  if (std::holds_alternative<TracerouteWorkload>(spec.kind)) return read_traceroute(spec);
  if (!std::holds_alternative<ExecWorkload>(spec.kind)) return read_iperf3(spec);
  const ExecutionResult& ran = step_of(spec, ProgramRole::kOnly).result;
  ExecResult result{ran.status, ran.output + ran.error};
  result.output.resize(std::min(result.output.size(), static_cast<size_t>(kExecOutputMax.count())));
  return result;
}

WorkloadOutcome ProgramRun::read_ping(const WorkloadSpec& spec, const PingWorkload& ping) const {
  const Step& step = step_of(spec, ProgramRole::kOnly);
  const NodeSpec& from = scenario_.nodes[static_cast<size_t>(spec.from)];
  const PingReading how{.epoch_ns = agents_.calendar_zero_of(from),
                        .count = ping.count,
                        .interval = ping.interval,
                        .timeout = ping.timeout,
                        .start = *step.launched,
                        .end = Time::zero() + scenario_.duration + kGrace,
                        .window = {scenario_.measure_from, scenario_.measure_to}};
  return read_ping_output(step.result.output + step.result.error, how);
}

WorkloadOutcome ProgramRun::read_traceroute(const WorkloadSpec& spec) const {
  const ExecutionResult& ran = step_of(spec, ProgramRole::kOnly).result;
  const auto node_of = [&](const IpAddress& address) {
    const int owner = owner_of(address, spec.from);
    return owner < 0 ? std::string() : scenario_.nodes[static_cast<size_t>(owner)].full_name();
  };
  return read_traceroute_output(ran.output + ran.error, address_for(spec, {spec.from, spec.to}),
                                node_of);
}

WorkloadOutcome ProgramRun::read_iperf3(const WorkloadSpec& spec) {
  const Step& client = step_of(spec, ProgramRole::kClient);
  const Step& server = step_of(spec, ProgramRole::kServer);
  const NodeSpec& to = scenario_.nodes[static_cast<size_t>(spec.to)];
  Iperf3Reading how;
  how.launched = *client.launched;
  // Of a real underlay's paths the plan knows nothing.
  if (!agents_.real_address_of(to)) {
    how.round_trip = plan_.unloaded_round_trip({spec.from, spec.to}, Bytes(74));
  }
  how.window =
      workload_window(spec, {scenario_.measure_from, scenario_.measure_to}, scenario_.duration);
  const auto* tcp = std::get_if<TcpWorkload>(&spec.kind);
  if (tcp != nullptr) how.size = tcp->size;
  const Iperf3Output output(server.result.output, client.result.output, how);
  for (Series& series : output.series(spec.name)) series_.push_back(std::move(series));
  if (tcp != nullptr) return output.tcp();
  return output.udp();
}

}  // namespace violin
