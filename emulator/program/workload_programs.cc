#include "emulator/program/workload_programs.hh"

#include <algorithm>
#include <utility>

#include "emulator/network/workload_path.hh"
#include "emulator/network/workload_ports.hh"
#include "emulator/network/workload_window.hh"
#include "emulator/program/iperf3_output.hh"
#include "emulator/program/ping_output.hh"
#include "emulator/program/program_failure.hh"
#include "emulator/program/traceroute_output.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr Bytes kExecOutputMax{64 << 10};

}  // namespace

WorkloadPrograms::WorkloadPrograms(const NetworkPlan& plan, ClockKind clock,
                                   const ProgramNodes& nodes)
    : plan_(plan),
      scenario_(plan.scenario()),
      clock_(clock),
      nodes_(nodes),
      programs_(plan.scenario().duration) {
  for (const TunnelPlan& tunnel : plan.tunnels()) {
    programs_.reserve_port(tunnel.host_a, TunnelHeader::kUdpPort);
    programs_.reserve_port(tunnel.host_b, TunnelHeader::kUdpPort);
  }
  // First, since their ports are known to the models, too.
  const WorkloadPorts ports(plan, clock);
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (is_half_model(scenario_, spec, clock)) add_half(spec, ports.port_of(spec.name));
  }
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (!done_by_programs(scenario_, spec, clock)) continue;
    programs_.add(spec, addresses_of(spec));
  }
}

std::vector<SysctlSetting> WorkloadPrograms::settings() const {
  std::vector<SysctlSetting> settings = programs_.settings();
  // The model half of a workload has its options without a kernel.
  std::erase_if(settings, [this](const SysctlSetting& setting) {
    return backend_under(clock_, node(setting.node)) == Backend::kModel;
  });
  return settings;
}

WorkloadAddresses WorkloadPrograms::addresses_of(const WorkloadSpec& spec) const {
  if (spec.to < 0) return {};
  return {address_of_called(spec), address_for(spec, {spec.to, spec.from})};
}

IpAddress WorkloadPrograms::address_of_called(const WorkloadSpec& spec) const {
  return spec.called ? *spec.called : address_for(spec, {spec.from, spec.to});
}

// Under which one end reaches the other.
IpAddress WorkloadPrograms::address_for(const WorkloadSpec& spec, NodePair ends) const {
  const NodeSpec& to = node(ends.to);
  std::optional<IpAddress> address = nodes_.real_address_of(to);
  if (!address) address = plan_.address_for(ends);
  if (!address) throw InputError(spec.at, "there is no route for the workload " + spec.name);
  return *address;
}

int WorkloadPrograms::owner_of(const IpAddress& address, int viewer) const {
  for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
    if (nodes_.real_address_of(scenario_.nodes[i]) == address) return static_cast<int>(i);
  }
  const bool is_real = nodes_.real_address_of(node(viewer)).has_value();
  return is_real ? -1 : plan_.owner_of(address, viewer);
}

const ProgramOutcome& WorkloadPrograms::outcome_of(const WorkloadSpec& spec,
                                                   ProgramRole role) const {
  for (size_t i = 0; i < outcomes_.size(); ++i) {
    if (steps()[i].workload != spec.name || steps()[i].role != role) continue;
    if (!outcomes_[i].launched) throw ProgramFailure("the run was interrupted before it began");
    return outcomes_[i];
  }
  throw ProgramFailure("it would begin after the end of the scenario");
}

// What kept one of its programs from running; empty when nothing did.
std::string WorkloadPrograms::failure_of(const WorkloadSpec& spec) const {
  for (size_t i = 0; i < outcomes_.size(); ++i) {
    if (steps()[i].workload == spec.name && !outcomes_[i].failure.empty()) {
      return outcomes_[i].failure;
    }
  }
  return "";
}

std::vector<WorkloadResult> WorkloadPrograms::results() {
  std::vector<WorkloadResult> results;
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (!done_by_programs(scenario_, spec, clock_)) continue;
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

WorkloadResult WorkloadPrograms::read(const WorkloadSpec& spec) {
  WorkloadResult result;
  result.name = spec.name;
  result.from = node(spec.from).full_name();
  if (spec.to >= 0) result.to = node(spec.to).full_name();
  result.source = "program";
  result.start = Time::zero() + spec.start;
  result.outcome = read_outcome(spec);
  if (spec.to >= 0) result.path = path_steps(plan_, {spec.from, spec.to});
  return result;
}

WorkloadOutcome WorkloadPrograms::read_outcome(const WorkloadSpec& spec) {
  if (const auto* ping = std::get_if<PingWorkload>(&spec.kind)) return read_ping(spec, *ping);
  if (std::holds_alternative<TracerouteWorkload>(spec.kind)) return read_traceroute(spec);
  if (!std::holds_alternative<ExecWorkload>(spec.kind)) return read_iperf3(spec);
  const ProgramOutcome& ran = outcome_of(spec, ProgramRole::kOnly);
  ExecResult result{ran.status, ran.output + ran.error};
  result.output.resize(std::min(result.output.size(), static_cast<size_t>(kExecOutputMax.count())));
  return result;
}

WorkloadOutcome WorkloadPrograms::read_ping(const WorkloadSpec& spec,
                                            const PingWorkload& ping) const {
  const ProgramOutcome& ran = outcome_of(spec, ProgramRole::kOnly);
  const NodeSpec& from = node(spec.from);
  const PingReading how{.epoch_ns = nodes_.calendar_zero_of(from),
                        .count = ping.count,
                        .interval = ping.interval,
                        .timeout = ping.timeout,
                        .start = *ran.launched,
                        .end = Time::zero() + scenario_.duration + kGrace,
                        .window = {scenario_.measure_from, scenario_.measure_to}};
  return read_ping_output(ran.output + ran.error, how);
}

WorkloadOutcome WorkloadPrograms::read_traceroute(const WorkloadSpec& spec) const {
  const ProgramOutcome& ran = outcome_of(spec, ProgramRole::kOnly);
  const auto node_of = [&](const IpAddress& address) {
    const int owner = owner_of(address, spec.from);
    return owner < 0 ? std::string() : node(owner).full_name();
  };
  return read_traceroute_output(ran.output + ran.error, address_of_called(spec), node_of);
}

WorkloadOutcome WorkloadPrograms::read_iperf3(const WorkloadSpec& spec) {
  const ProgramOutcome& client = outcome_of(spec, ProgramRole::kClient);
  const ProgramOutcome& server = outcome_of(spec, ProgramRole::kServer);
  const NodeSpec& to = node(spec.to);
  Iperf3Reading how;
  how.launched = *client.launched;
  // Of a real underlay's paths the plan knows nothing.
  if (!nodes_.real_address_of(to)) {
    how.round_trip = plan_.unloaded_round_trip({spec.from, spec.to}, Bytes(74));
  }
  how.window =
      workload_window(spec, {scenario_.measure_from, scenario_.measure_to}, scenario_.duration);
  const auto* tcp = std::get_if<TcpWorkload>(&spec.kind);
  if (tcp != nullptr) how.size = tcp->size;
  const Iperf3Output output(server.output, client.output, how);
  for (Series& series : output.series(spec.name)) series_.push_back(std::move(series));
  if (tcp != nullptr) return output.tcp();
  return output.udp();
}

}  // namespace violin
