#pragma once

#include <cstdint>
#include <string>

#include "emulator/network/pcap_writer.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// A small but complete result, as a run of 60 s over two hosts and a router might leave it:
//
//   v1/h1 --(v1/h1--r1)-- v1/r1 --(v1/last, 100 Mbit/s)-- v1/h3
//
// A ping loses its probes while v1/last is down from 20 s to 22 s; `host` and `vm` are transfers of
// 100 and 100 - `degradation` Mbit/s.
inline RunResult example_result(uint64_t seed = 1, double degradation = 10) {
  using namespace literals;
  RunResult result;
  result.identity = {
      "example",      "0.1.0", "0123456789abcdef",  {"violin", "run", "example.yaml"},
      "2 x test",     seed,    {{"crypt", "none"}}, "virtual",
      kVirtualEpochNs};
  result.duration = 60_s;
  result.window = {Time::zero(), Time::zero() + 60_s};
  result.virtual_time = 60_s;
  result.wall_seconds = 0.25;
  result.total_seconds = 0.5;
  result.frame_hops = 1'234'567;
  result.events = 2'345'678;
  result.digest = 0x0123456789abcdef + seed;

  PingResult ping;
  for (int64_t i = 0; i < 600; ++i) {
    PingProbe probe;
    probe.sequence = i;
    probe.sent = Time::zero() + 100_ms * i;
    const bool is_lost = i >= 200 && i < 220;
    if (!is_lost) probe.rtt = 38_ms + Duration::microseconds((i * 7919) % 4000);
    if (!is_lost) probe.queueing = Duration::microseconds((i * 7919) % 4000);
    ping.probes.push_back(probe);
    ++ping.sent;
    ping.received += is_lost ? 0 : 1;
  }
  const std::vector<PathStep> path = {{"v1/h1--r1", true}, {"v1/last", true}};
  result.workloads.push_back(
      {"rtt", "v1/h1", "v1/h3", "model", Time::zero(), std::move(ping), path});

  const double rates[] = {100e6, (100 - degradation) * 1e6};
  const char* names[] = {"host", "vm"};
  for (int i = 0; i < 2; ++i) {
    TcpResult tcp;
    const Time start = Time::zero() + (i == 0 ? 1_s : 31_s);
    tcp.window = {start, start + 28_s};
    tcp.window_bytes = static_cast<int64_t>(rates[i] / 8 * 28);
    tcp.goodput_bps = rates[i];
    tcp.bytes = tcp.window_bytes;
    tcp.retransmits = 12;
    tcp.srtt = 40_ms;
    tcp.flows.push_back({start, start + 28_s, tcp.bytes, 12, 0, 40_ms});
    result.workloads.push_back({names[i], "v1/h1", "v1/h3", "model", start, std::move(tcp), path});
    Series series{names[i], "goodput_bps", {}};
    for (int64_t t = 0; t < 280; ++t) {
      const double ramp = t < 10 ? 0.1 * static_cast<double>(t) : 1;
      series.points.emplace_back(start + 100_ms * t, rates[i] * ramp);
    }
    result.series.push_back(std::move(series));
  }

  LinkResult last;
  last.name = "v1/last";
  last.a_to_b.from = "r1";
  last.a_to_b.to = "h3";
  last.a_to_b.frames = 500'000;
  last.a_to_b.bytes = 700'000'000;
  last.a_to_b.rate_bps = 100'000'000;
  last.a_to_b.utilisation = 0.93;
  last.a_to_b.sojourn = {500'000, 0_ns, 3_ms, 9_ms, 11_ms, 12_ms, 3.5e6, 2.5e6};
  last.a_to_b.queue_packets_max = 250;
  last.a_to_b.queue_bytes_max = 378'500;
  last.a_to_b.drops[static_cast<size_t>(DropReason::kQueueFull)] = 312;
  last.a_to_b.drops[static_cast<size_t>(DropReason::kLinkDown)] = 20;
  last.b_to_a.from = "h3";
  last.b_to_a.to = "r1";
  last.b_to_a.frames = 250'000;
  last.b_to_a.bytes = 16'500'000;
  LinkResult first;
  first.name = "v1/h1--r1";
  first.a_to_b.from = "h1";
  first.a_to_b.to = "r1";
  first.a_to_b.frames = 500'332;
  first.b_to_a.from = "r1";
  first.b_to_a.to = "h1";
  result.links = {first, last};
  result.idle_links = 5;
  NodeResult node;
  node.name = "v1/r1";
  node.drops[static_cast<size_t>(DropReason::kTtlExceeded)] = 3;
  result.nodes.push_back(node);

  Series queue{"v1/last.r1->h3", "queue_packets", {}};
  for (int64_t t = 0; t < 600; ++t) {
    queue.points.emplace_back(Time::zero() + 100_ms * t, static_cast<double>((t * 37) % 250));
  }
  result.series.push_back(std::move(queue));

  result.digests = {{"v1/h1--r1.h1->r1", 0, {1, 2, 3}}, {"v1/last.r1->h3", 0, {4, 5, 6}}};
  result.routers = {{"v1/r1",
                     "ospf",
                     Time::zero() - 5_s,
                     {{Time::zero() + 20_s + 300_ms, "10.0.2.0/24", true}},
                     {{"10.0.2.0/24", "ospf", {{"10.0.1.2", "eth1"}, {"", "eth0"}}}},
                     {"no route to 10.0.3.0/24"}}};
  result.event_log = {{Time::zero() + 20_s, "down", "down v1/last for 2 s"},
                      {Time::zero() + 22_s, "up", "up v1/last"}};
  result.captures = {"pcap/v1.h1.eth0.pcap"};
  result.compares.push_back({"degradation", "host.goodput", "vm.goodput", "bit/s", rates[0],
                             rates[1], 100 * (rates[0] - rates[1]) / rates[0]});
  return result;
}

}  // namespace violin
