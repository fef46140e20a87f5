#include "emulator/network/workload_window.hh"

#include <algorithm>
#include <variant>

namespace violin {

Time workload_end(const WorkloadSpec& spec, Duration whole) {
  const Time start = Time::zero() + spec.start;
  const Time end = Time::zero() + whole;
  if (const auto* udp = std::get_if<UdpWorkload>(&spec.kind)) {
    return std::min(end, start + udp->duration);
  }
  const auto* tcp = std::get_if<TcpWorkload>(&spec.kind);
  return tcp != nullptr && tcp->duration ? std::min(end, start + *tcp->duration) : end;
}

MeasureWindow workload_window(const WorkloadSpec& spec, const MeasureWindow& measured,
                              Duration whole) {
  const Time from = std::max(measured.from, Time::zero() + spec.start);
  return {from, std::max(from, std::min(measured.to, workload_end(spec, whole)))};
}

}  // namespace violin
