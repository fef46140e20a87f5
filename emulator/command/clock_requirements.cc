#include "emulator/command/clock_requirements.hh"

#include <algorithm>
#include <array>

#include "core/topology.hh"
#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// Collects names and says "v1/h1, v1/h2 and 5 more".
class NameList {
 public:
  void add(const std::string& name) {
    if (count_ < kNamed) text_ += (count_ == 0 ? "" : ", ") + name;
    ++count_;
  }
  size_t count() const { return count_; }
  std::string text() const {
    return count_ <= kNamed ? text_ : text_ + " and " + std::to_string(count_ - kNamed) + " more";
  }

 private:
  static constexpr size_t kNamed = 3;
  std::string text_;
  size_t count_ = 0;
};

NameList nodes_with(const Scenario& scenario, std::initializer_list<Backend> backends) {
  NameList names;
  for (const NodeSpec& node : scenario.nodes) {
    if (std::find(backends.begin(), backends.end(), node.backend) != backends.end()) {
      names.add(node.full_name());
    }
  }
  return names;
}

NameList programs_on_models(const Scenario& scenario) {
  NameList names;
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (!std::holds_alternative<ExecWorkload>(workload.kind)) continue;
    const NodeSpec& node = scenario.nodes[static_cast<size_t>(workload.from)];
    if (backend_under(ClockKind::kVirtual, node) == Backend::kModel) names.add(workload.name);
  }
  return names;
}

// Overlay hosts with a kernel of their own that carry something.
NameList machines_with_tunnels(const Scenario& scenario, ClockKind clock) {
  NameList names;
  for (const NodeSpec& host : scenario.nodes) {
    if (host.plane != kUnderlayPlane) continue;
    if (backend_under(clock, host) != Backend::kUml) continue;
    const bool carries = std::any_of(scenario.nodes.begin(), scenario.nodes.end(),
                                     [&](const NodeSpec& n) { return n.place == host.name; });
    if (carries) names.add(host.full_name());
  }
  return names;
}

void add_random_senders(const Scenario& scenario, ClockKind clock,
                        std::vector<std::string>& reasons) {
  NameList poisson;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const auto* udp = std::get_if<UdpWorkload>(&workload.kind);
    const auto* tcp = std::get_if<TcpWorkload>(&workload.kind);
    const bool random =
        (udp != nullptr && udp->poisson) || (tcp != nullptr && tcp->poisson_per_second);
    const NodeSpec& from = scenario.nodes[static_cast<size_t>(workload.from)];
    if (random && backend_under(clock, from) != Backend::kModel) poisson.add(workload.name);
  }
  if (poisson.count() == 0) return;
  reasons.push_back("what sends for real nodes has no Poisson arrivals: " + poisson.text());
}

void add_pausing_programs(const Scenario& scenario, ClockKind clock,
                          std::vector<std::string>& reasons) {
  NameList names;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const auto* tcp = std::get_if<TcpWorkload>(&workload.kind);
    if (tcp == nullptr || !tcp->receiver_pause) continue;
    const NodeSpec& to = scenario.nodes[static_cast<size_t>(workload.to)];
    if (backend_under(clock, to) != Backend::kModel) names.add(workload.name);
  }
  if (names.count() == 0) return;
  reasons.push_back(
      "receiver_pause is for receivers that are models; exec: pkill -STOP and -CONT stop a "
      "program: " +
      names.text());
}

bool has_protocol(const NodeSpec& node) {
  return node.kind == NodeKind::kRouter && is_protocol(node.routing.kind);
}

void add_model_routers(const Scenario& scenario, ClockKind clock,
                       std::vector<std::string>& reasons) {
  NameList names;
  for (const NodeSpec& node : scenario.nodes) {
    if (!has_protocol(node)) continue;
    if (backend_under(clock, node) == Backend::kModel) names.add(node.full_name());
  }
  if (names.count() == 0) return;
  reasons.push_back("routing protocols are spoken by FRR's daemons, which need a kernel (backend " +
                    std::string(clock == ClockKind::kReal ? "netns or uml" : "uml") +
                    ", or linux for both clocks): " + names.text());
}

void add_model_filters(const Scenario& scenario, ClockKind clock,
                       std::vector<std::string>& reasons) {
  NameList names;
  for (const NodeSpec& node : scenario.nodes) {
    if (node.filter.is_empty()) continue;
    if (backend_under(clock, node) == Backend::kModel) names.add(node.full_name());
  }
  if (names.count() == 0) return;
  reasons.push_back("firewall and nat are a kernel's (backend uml, netns or linux): " +
                    names.text());
}

}  // namespace

std::vector<std::string> virtual_clock_refusals(const Scenario& scenario) {
  std::vector<std::string> reasons;
  if (const NameList names = nodes_with(scenario, {Backend::kNetns}); names.count() > 0) {
    reasons.push_back("backend netns lives by the kernel's clock, which cannot be sped up: " +
                      names.text());
  }
  if (const NameList names = machines_with_tunnels(scenario, ClockKind::kVirtual);
      names.count() > 0) {
    reasons.push_back("tunnels end at overlay hosts that are models, and these are uml: " +
                      names.text());
  }
  if (const NameList names = programs_on_models(scenario); names.count() > 0) {
    reasons.push_back("exec runs real programs, for which its node needs backend uml: " +
                      names.text());
  }
  add_model_routers(scenario, ClockKind::kVirtual, reasons);
  add_model_filters(scenario, ClockKind::kVirtual, reasons);
  add_random_senders(scenario, ClockKind::kVirtual, reasons);
  add_pausing_programs(scenario, ClockKind::kVirtual, reasons);
  return reasons;
}

std::vector<std::string> real_clock_refusals(const Scenario& scenario) {
  std::vector<std::string> reasons;
  if (const NameList names = machines_with_tunnels(scenario, ClockKind::kReal); names.count() > 0) {
    reasons.push_back("agents live on overlay hosts that share this kernel, and these are uml: " +
                      names.text());
  }
  add_model_routers(scenario, ClockKind::kReal, reasons);
  add_model_filters(scenario, ClockKind::kReal, reasons);
  add_random_senders(scenario, ClockKind::kReal, reasons);
  add_pausing_programs(scenario, ClockKind::kReal, reasons);
  return reasons;
}

std::vector<std::string> real_clock_needs(const Scenario& scenario) {
  std::vector<std::string> needs;
  // Unless something else was asked for, real nodes are network namespaces.
  if (nodes_with(scenario, {Backend::kDefault, Backend::kNetns, Backend::kLinux}).count() > 0) {
    needs.push_back(
        "root, or user namespaces and a /dev/net/tun that you may open: for network namespaces and "
        "TAP devices");
  }
  if (nodes_with(scenario, {Backend::kUml}).count() > 0) {
    needs.push_back("a kernel for its machines (violin kernel build)");
  }
  const std::array<const char*, 5> tools = {"ping", "traceroute", "iperf3", "iperf3", ""};
  std::vector<std::string> wanted;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const std::string tool = tools[workload.kind.index()];
    // What does the real half is in `violin` itself.
    if (is_half_model(scenario, workload, ClockKind::kReal)) continue;
    if (!tool.empty() && std::find(wanted.begin(), wanted.end(), tool) == wanted.end()) {
      wanted.push_back(tool);
    }
    const auto* exec = std::get_if<ExecWorkload>(&workload.kind);
    if (exec != nullptr && exec->as_root) {
      needs.push_back("root inside the virtual host for the command of " + workload.name);
    }
  }
  if (std::any_of(scenario.nodes.begin(), scenario.nodes.end(), has_protocol)) {
    needs.push_back("FRR's daemons (Debian's package frr)");
  }
  if (std::any_of(scenario.nodes.begin(), scenario.nodes.end(),
                  [](const NodeSpec& node) { return !node.filter.is_empty(); })) {
    needs.push_back("the program nft (Debian's package nftables)");
  }
  for (const std::string& tool : wanted) needs.push_back("the program " + tool);
  return needs;
}

}  // namespace violin
