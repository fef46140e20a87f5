#include "emulator/network/workload_set.hh"

#include <gtest/gtest.h>

#include <string>

#include "emulator/results/metrics.hh"
#include "tests/support/simulation.hh"

namespace violin {
namespace {

using namespace literals;
using testing::Simulation;

std::string with_workloads(const std::string& workloads, const std::string& link = "delay: 1 ms") {
  return "violin: 1\nname: workloads\nduration: 5 s\nmeasure: 1 s..3 s\nviolins:\n  v1:\n"
         "    nodes: { h1..h2: { kind: host }, r1: { kind: router } }\n"
         "    links: [ { endpoints: [h1, r1], " +
         link + " }, { endpoints: [r1, h2], delay: 1 ms } ]\nworkloads:\n" + workloads;
}

// What is said of a workload that no model node can run; "runs" when one can.
std::string refusal(const std::string& workload) {
  try {
    Simulation simulation(with_workloads("  - { name: w, " + workload + " }\n"));
    return "runs";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(WorkloadSet, RefusesWhatNoModelNodeCanDoWithThePlaceAndTheReason) {
  const std::string ends = "from: v1/h1, to: v1/h2";
  EXPECT_CONTAINS(refusal("exec: { node: v1/h1, command: [ls] }"), "real backend");
  EXPECT_CONTAINS(refusal("udp: { " + ends + ", rate: 1 Mbit/s, size: 15 B, duration: 1 s }"),
                  "at least 16 B");
  EXPECT_CONTAINS(refusal("tcp: { " + ends + ", size: 7 B }"), "at least 8 B");
  EXPECT_CONTAINS(refusal("tcp: { " + ends + ", size: 9 B, send_buffer: 2 GiB }"), "1 GiB");
  EXPECT_CONTAINS(refusal("tcp: { from: v1/h1, to: v1/r1, size: 100 B }"), "v1/r1 is a router");
  EXPECT_CONTAINS(refusal("udp: { from: v1/r1, to: v1/h1, rate: 1 Mbit/s, duration: 1 s }"),
                  "v1/r1 is a router");
  EXPECT_CONTAINS(refusal("traceroute: { " + ends + ", probes: 5 }"), "3 probes");
  EXPECT_CONTAINS(refusal("tcp: { " + ends + ", size: 7 B }"), "test.yaml:");
  EXPECT_EQ(refusal("ping: { from: v1/h1, to: v1/r1, count: 2 }"), "runs");
  EXPECT_EQ(refusal("tcp: { " + ends + ", size: 8 B }"), "runs");
  EXPECT_EQ(refusal("udp: { " + ends + ", rate: 1 Mbit/s, size: 16 B, duration: 1 s }"), "runs");
}

TEST(WorkloadSet, AWorkloadWithoutARouteIsAnErrorThatNamesBothEnds) {
  try {
    Simulation simulation(
        "violin: 1\nname: apart\nduration: 5 s\nviolins:\n  v1:\n    nodes: { h1..h4: { kind: host "
        "} }\n"
        "    links: [ { endpoints: [h1, h2] }, { endpoints: [h3, h4] } ]\n"
        "workloads: [ { name: w, ping: { from: v1/h1, to: v1/h3, count: 1 } } ]\n");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_CONTAINS(error.what(), "from v1/h1 to v1/h3");
  }
}

TEST(WorkloadSet, WorkloadsToOneNodeGetPortsOfTheirOwn) {
  Simulation simulation(with_workloads(
      "  - { name: a, tcp: { from: v1/h1, to: v1/h2, size: 20 kB } }\n"
      "  - { name: b, tcp: { from: v1/h1, to: v1/h2, size: 30 kB } }\n"
      "  - { name: c, udp: { from: v1/h1, to: v1/h2, rate: 1 Mbit/s, duration: 1 s } }\n"
      "  - { name: d, udp: { from: v1/h1, to: v1/h2, rate: 2 Mbit/s, duration: 1 s } }\n"));
  simulation.run();
  EXPECT_EQ(simulation.outcome<TcpResult>("a").bytes, 20'000);
  EXPECT_EQ(simulation.outcome<TcpResult>("b").bytes, 30'000);
  EXPECT_EQ(simulation.outcome<UdpResult>("c").received, simulation.outcome<UdpResult>("c").sent);
  EXPECT_EQ(simulation.outcome<UdpResult>("d").sent, 179) << "one each 5.6 ms, for a second";
}

TEST(WorkloadSet, TheTunnelsPortIsNotGivenToAWorkload) {
  Simulation simulation(R"(violin: 1
name: port
duration: 5 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [ { endpoints: [a, b], delay: 1 ms } ]
violins:
  v1:
    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }
    links: [ { endpoints: [h1, h2] } ]
workloads:
  - { name: same, udp: { from: underlay/a, to: underlay/b, rate: 1 Mbit/s, duration: 1 s, port: 52004 } }
  - { name: rtt, ping: { from: v1/h1, to: v1/h2, count: 2 } }
)");
  simulation.run();
  EXPECT_EQ(simulation.outcome<PingResult>("rtt").received, 2);
  EXPECT_EQ(simulation.outcome<UdpResult>("same").lost, 0);
}

TEST(WorkloadSet, RunsOutOfPortsWithAnErrorNotWithTheFirstOneAgain) {
  try {
    Simulation simulation(
        with_workloads("  - { name: a, udp: { from: v1/h1, to: v1/h2, rate: 1 Mbit/s, duration: 1 "
                       "s, port: 65535 } }\n"
                       "  - { name: b, udp: { from: v1/h1, to: v1/h2, rate: 1 Mbit/s, duration: 1 "
                       "s, port: 65535 } }\n"));
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_CONTAINS(error.what(), "no port is left for the workload b");
  }
}

TEST(WorkloadSet, GoodputIsTakenOverTheMeasureWindowWithinTheWorkload) {
  Simulation simulation(
      with_workloads("  - { name: u, udp: { from: v1/h1, to: v1/h2, at: 2 s, rate: 1 Mbit/s, size: "
                     "1250 B, duration: 2 s } }\n"));
  simulation.run();
  const auto udp = simulation.outcome<UdpResult>("u");
  EXPECT_EQ(udp.window.from, Time::zero() + 2_s);
  EXPECT_EQ(udp.window.to, Time::zero() + 3_s);
  // One datagram each 10 ms; those of the window's last 2 ms arrive after it.
  EXPECT_NEAR(udp.goodput_bps, 1e6, 1.1e4);
  EXPECT_EQ(udp.sent, 200);
}

TEST(WorkloadSet, ATransferOfAGivenSizeIsMeasuredUntilItHasArrived) {
  Simulation simulation(
      with_workloads("  - { name: t, tcp: { from: v1/h1, to: v1/h2, at: 1 s, size: 500 kB } }\n",
                     "delay: 1 ms, rate: 10 Mbit/s"));
  simulation.run();
  const auto tcp = simulation.outcome<TcpResult>("t");
  ASSERT_EQ(tcp.flows.size(), 1u);
  ASSERT_TRUE(tcp.flows[0].finish.has_value());
  EXPECT_EQ(tcp.window.to, *tcp.flows[0].finish);
  EXPECT_GT(tcp.goodput_bps, 9.0e6);
  EXPECT_LT(tcp.goodput_bps, 9.6e6);
}

TEST(WorkloadSet, APingWhoseTimeGoesBeyondTheEndIsNeitherAnsweredNorLost) {
  Simulation simulation(
      with_workloads("  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 50, interval: 100 ms, "
                     "timeout: 200 ms } }\n",
                     "delay: 1 ms, loss: 100 %"));
  simulation.run();
  const auto ping = simulation.outcome<PingResult>("p");
  EXPECT_EQ(ping.received, 0);
  EXPECT_EQ(ping.sent, 50);
  EXPECT_EQ(ping.probes.size(), 49u) << "the one sent at 4.9 s might still be answered";
}

TEST(WorkloadSet, APingWhoseTimeGoesBeyondTheEndIsSentAndOutstandingAndNoPartOfTheLoss) {
  std::string text = with_workloads(
      "  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 50, interval: 100 ms, timeout: 1 s } "
      "}\nevents: [ { at: 4.45 s, down: v1/h1 } ]\n");
  const std::string window = "measure: 1 s..3 s";
  text.replace(text.find(window), window.size(), "measure: 4 s..5 s");
  Simulation simulation(text);
  simulation.run();
  const auto ping = simulation.outcome<PingResult>("p");
  const PingSummary summary = summarise_ping(ping, simulation.network().window());
  EXPECT_EQ(summary.sent, 10);
  EXPECT_EQ(summary.received, 5);
  EXPECT_EQ(summary.outstanding, 5);
  EXPECT_EQ(summary.lost(), 0);
  EXPECT_EQ(ping.sent, 50);
}

TEST(WorkloadSet, ATracerouteNamesTheNodesThatAnswered) {
  Simulation simulation(
      with_workloads("  - { name: w, traceroute: { from: v1/h1, to: v1/h2 } }\n"));
  simulation.run();
  const auto trace = simulation.outcome<TracerouteResult>("w");
  EXPECT_TRUE(trace.reached);
  ASSERT_EQ(trace.hops.size(), 2u);
  EXPECT_EQ(trace.hops[0].node, "v1/r1");
  EXPECT_EQ(trace.hops[1].node, "v1/h2");
}

}  // namespace
}  // namespace violin
