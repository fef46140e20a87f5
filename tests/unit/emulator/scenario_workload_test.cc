#include "emulator/scenario/scenario_workload.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

// Ten seconds; v1 has h1 to h4, r1 and s1, v2 has x.
std::string with(const std::string& workload) {
  return test::with_head(
      "violins:\n  v1: {nodes: {h1..h4: {kind: host}, r1: {kind: router}, s1: {kind: switch}}, "
      "links: [{endpoints: [h1..h4, s1]}, {endpoints: [r1, s1]}]}\n  v2: {nodes: {x: {kind: "
      "host}}}\n"
      "workloads:\n  - " +
      workload + "\n");
}

std::vector<WorkloadSpec> read(const std::string& workload) {
  return test::read(with(workload)).workloads;
}

std::string error_of(const std::string& workload) { return test::error_of(with(workload)); }

TEST(ScenarioWorkload, ReadsEveryKeyOfEveryKind) {
  const auto ping = std::get<PingWorkload>(
      read("{name: a, ping: {from: v1/h1, to: v1/r1, count: 9, interval: 1 ms, size: 8 B, "
           "timeout: 1 s}}")[0]
          .kind);
  EXPECT_EQ(ping.count, 9);
  EXPECT_EQ(ping.size, Bytes(8));
  const auto trace = std::get<TracerouteWorkload>(
      read("{name: a, traceroute: {from: v1/h1, to: v1/h2, max_hops: 9, probes: 1}}")[0].kind);
  EXPECT_EQ(trace.max_hops, 9);
  const auto tcp = std::get<TcpWorkload>(
      read("{name: a, tcp: {from: v1/h1, to: v1/h2, size: 1 MB, arrivals: {poisson: 5 /s}, "
           "duration: "
           "9 s, congestion: newreno, ecn: true, sack: false, timestamps: false, port: 80, "
           "send_buffer: 1 MiB, receive_buffer: 2 MiB, receiver_pause: {at: 3 s, for: 2 s}}}")[0]
          .kind);
  ASSERT_TRUE(tcp.receiver_pause);
  EXPECT_EQ(tcp.receiver_pause->at, Duration::seconds(3));
  EXPECT_EQ(tcp.receiver_pause->length, Duration::seconds(2));
  EXPECT_EQ(tcp.poisson_per_second, 5.0);
  EXPECT_EQ(tcp.congestion, "newreno");
  EXPECT_TRUE(tcp.ecn);
  EXPECT_FALSE(tcp.sack);
  EXPECT_EQ(tcp.port, 80);
  EXPECT_EQ(tcp.receive_buffer, Bytes(2 << 20));
  const auto udp = std::get<UdpWorkload>(
      read("{name: a, udp: {from: v1/h1, to: v1/h2, rate: 5 Mbit/s, size: 100 B, poisson: true, "
           "duration: 2 s}}")[0]
          .kind);
  EXPECT_TRUE(udp.poisson);
  EXPECT_EQ(udp.rate, BitRate::megabits_per_second(5));
  const auto exec = std::get<ExecWorkload>(
      read("{name: a, exec: {node: v1/h1, command: [iperf3, -c, h2], user: root}}")[0].kind);
  EXPECT_EQ(exec.command.size(), 3U);
  EXPECT_TRUE(exec.as_root);
}

TEST(ScenarioWorkload, MakesOneForEachPairOfARangeWithAStagger) {
  const auto workloads =
      read("{name: vm, tcp: {from: v1/h1..h3, to: v1/h4, at: 1 s, stagger: 10 ms, duration: 2 s}}");
  ASSERT_EQ(workloads.size(), 3U);
  EXPECT_EQ(workloads[2].name, "vm.3");
  EXPECT_EQ(workloads[2].start, Duration::milliseconds(1020));
  EXPECT_EQ(workloads[2].from, 2);
  EXPECT_EQ(read("{name: vm, tcp: {from: v1/h1..h2, to: v1/h3..h4, duration: 1 s}}")[1].to, 3);
  EXPECT_CONTAINS(error_of("{name: vm, tcp: {from: v1/h1..h2, to: v1/h2..h4, duration: 1 s}}"),
                  "2 names with 3");
}

TEST(ScenarioWorkload, RefusesUnknownAndImpossibleEnds) {
  EXPECT_EQ(error_of("{name: a, ping: {from: v1/h1, to: v1/h9}}").substr(0, 39),
            "test.yaml:9:39: no such node in v1: h9;");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: h2}}"), "the plane is missing: h2");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v3/h2}}"), "no such plane: v3");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v1/h1}}"), "the same node: v1/h1");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v1/s1}}"), "cannot run on a switch");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v2/x}}"), "different planes");
  EXPECT_CONTAINS(error_of("{name: a, ping: {to: v1/h1}}"), "needs the key \"from\"");
}

TEST(ScenarioWorkload, RefusesWhatDoesNotEndWithinTheDuration) {
  EXPECT_EQ(
      error_of("{name: a, tcp: {from: v1/h1, to: v1/h2, at: 5 s, duration: 6 s}}"),
      "test.yaml:9:5: the workload does not end within the duration of the scenario: a from 5 s "
      "to 11 s; allowed: 0 s to 10 s");
  EXPECT_EQ(error_of("{name: a, tcp: {from: v1/h1, to: v1/h2, at: 5 s, duration: 5 s}}"),
            "no error");
  EXPECT_CONTAINS(
      error_of("{name: a, ping: {from: v1/h1, to: v1/h2, count: 102, interval: 100 ms}}"),
      "does not end within");
  EXPECT_CONTAINS(error_of("{name: a, tcp: {from: v1/h1, to: v1/h2, at: 10 s, size: 1 B}}"),
                  "does not end within");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v1/h2, count: 1000000000, interval: "
                           "876000 h}}"),
                  "does not end within");
}

TEST(ScenarioWorkload, RefusesIncompleteAndContradictoryKinds) {
  EXPECT_CONTAINS(error_of("{name: a}"), "kind is missing: a; allowed: ping, traceroute");
  EXPECT_CONTAINS(error_of("{name: a, pong: {}}"), "did you mean \"ping\"?");
  EXPECT_CONTAINS(error_of("{ping: {from: v1/h1, to: v1/h2}}"), "needs the key \"name\"");
  EXPECT_CONTAINS(error_of("{name: a, tcp: {from: v1/h1, to: v1/h2, duration: 1 s, size: 1 B}}"),
                  "a duration or a size");
  EXPECT_CONTAINS(error_of("{name: a, tcp: {from: v1/h1, to: v1/h2, arrivals: {poisson: 5 /s}}}"),
                  "needs the size");
  EXPECT_CONTAINS(error_of("{name: a, tcp: {from: v1/h1, to: v1/h2, size: 1 B, congestion: reno}}"),
                  "congestion: reno; allowed: cubic, newreno");
  EXPECT_CONTAINS(error_of("{name: a, exec: {node: v1/h1, command: []}}"), "a program");
  EXPECT_CONTAINS(error_of("{name: a, udp: {from: v1/h1, to: v1/h2, rate: 5 Mbps}}"),
                  "bps may mean");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v1/h2, ecn: true}}"),
                  "unknown key in ping");
  EXPECT_CONTAINS(error_of("{name: a, ping: {from: v1/h1, to: v1/h2}}\n  - {name: a, ping: {from: "
                           "v1/h1, to: v1/h2}}"),
                  "test.yaml:10:5: two workloads have the name a");
}

}  // namespace
}  // namespace violin
