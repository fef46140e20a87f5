#include "emulator/network/workload_ports.hh"

#include <variant>

#include "emulator/network/port_book.hh"

namespace violin {

WorkloadPorts::WorkloadPorts(const NetworkPlan& plan, ClockKind clock) {
  PortBook udp_ports, tcp_ports;
  for (const TunnelPlan& tunnel : plan.tunnels()) {
    udp_ports.take(tunnel.host_a, TunnelHeader::kUdpPort);
    udp_ports.take(tunnel.host_b, TunnelHeader::kUdpPort);
  }
  const Scenario& scenario = plan.scenario();
  for (const WorkloadSpec& spec : scenario.workloads) {
    if (done_by_programs(scenario, spec, clock)) continue;
    if (const auto* udp = std::get_if<UdpWorkload>(&spec.kind)) {
      ports_[spec.name] = udp_ports.claim(spec, spec.to, udp->port);
    } else if (const auto* tcp = std::get_if<TcpWorkload>(&spec.kind)) {
      ports_[spec.name] = tcp_ports.claim(spec, spec.to, tcp->port);
    }
  }
}

}  // namespace violin
