#include "emulator/command/calibration_scenario.hh"

#include <stdexcept>
#include <string>

#include "emulator/scenario/tunnel_cost.hh"

namespace violin {
namespace {

// Pings of hosts and virtual machines take turns. The servers of iperf3 begin a second before their
// clients, between two measurements.
constexpr std::string_view kScenario = R"(# What violin calibrate runs.
violin: 1
name: calibrate
duration: 15 s
params: { crypt: none }
underlay:
  nodes: { left: { kind: host }, right: { kind: host } }
  links: [ { endpoints: [left, right] } ]
violins:
  v:
    encryption: $crypt
    nodes: { h1: { kind: host, place: left }, h2: { kind: host, place: right } }
    links: [ { endpoints: [h1, h2] } ]
x-pings: &pings { count: 150, interval: 10 ms }
workloads:
  - { name: warm_host,  ping: { from: underlay/left, to: underlay/right, count: 1 } }
  - { name: warm_vm,    ping: { from: v/h1, to: v/h2, count: 1 } }
  - { name: host_small, ping: { from: underlay/left, to: underlay/right, at: 0.5 s, size: 56 B, <<: *pings } }
  - { name: vm_small,   ping: { from: v/h1, to: v/h2, at: 2.3 s, size: 56 B, <<: *pings } }
  - { name: host_large, ping: { from: underlay/left, to: underlay/right, at: 4.1 s, size: 1200 B, <<: *pings } }
  - { name: vm_large,   ping: { from: v/h1, to: v/h2, at: 5.9 s, size: 1200 B, <<: *pings } }
  - { name: bulk,       tcp:  { from: v/h1, to: v/h2, at: 8.7 s, duration: 3 s } }
  - { name: small,      udp:  { from: v/h1, to: v/h2, at: 12.8 s, duration: 2 s, size: 64 B, rate: 200 Mbit/s } }
)";

[[noreturn]] void missing(const std::string& workload) {
  throw std::runtime_error("a run of the calibration did not measure " + workload);
}

template <typename Outcome>
const Outcome& outcome_of(const RunResult& result, const std::string& name) {
  for (const WorkloadResult& workload : result.workloads) {
    const auto* outcome = std::get_if<Outcome>(&workload.outcome);
    if (workload.name == name && outcome != nullptr) return *outcome;
  }
  missing(name);
}

Duration median_round_trip(const RunResult& result, const std::string& name) {
  std::vector<Duration> round_trips;
  for (const PingProbe& probe : outcome_of<PingResult>(result, name).probes) {
    if (probe.rtt) round_trips.push_back(*probe.rtt);
  }
  if (round_trips.empty()) missing(name);
  return summarise(std::move(round_trips)).p50;
}

}  // namespace

std::string_view calibration_scenario() { return kScenario; }

std::vector<SweepPoint> calibration_points(uint64_t rounds) {
  std::vector<SweepPoint> points;
  for (uint64_t round = 1; round <= rounds; ++round) {
    for (const std::string& crypt : encryption_names()) {
      points.push_back({.params = {{"crypt", crypt}}, .seed = round});
    }
  }
  return points;
}

CalibrationRound calibration_round(const RunResult& result) {
  CalibrationRound round;
  round.host_small = median_round_trip(result, "host_small");
  round.host_large = median_round_trip(result, "host_large");
  round.vm_small = median_round_trip(result, "vm_small");
  round.vm_large = median_round_trip(result, "vm_large");
  round.tcp_bps = outcome_of<TcpResult>(result, "bulk").goodput_bps;
  round.small_per_second =
      outcome_of<UdpResult>(result, "small").goodput_bps / (8 * CalibrationFrames::kSmallPayload);
  if (round.tcp_bps <= 0) missing("bulk");
  if (round.small_per_second <= 0) missing("small");
  return round;
}

}  // namespace violin
