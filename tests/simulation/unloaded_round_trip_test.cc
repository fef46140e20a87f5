#include <gtest/gtest.h>

#include <string>

#include "tests/simulation/random_scenario.hh"
#include "tests/simulation/seeds.hh"
#include "tests/support/simulation.hh"

// What NetworkPlan computes for an idle network is what a ping on it measures, to the nanosecond,
// and no ping on a busy one is faster: "queueing" is never negative.

namespace violin::testing {
namespace {

// Four pings a second apart, so that the first one's ARP is long over.
std::string with_pings(const std::string& planes, const std::string& from, const std::string& to,
                       int size) {
  return "violin: 1\nname: idle\nduration: 10 s\n" + planes +
         "workloads:\n  - { name: rtt, ping: { from: " + from + ", to: " + to +
         ", count: 4, size: " + std::to_string(size) + " B } }\n";
}

void expect_exact(const std::string& text) {
  SCOPED_TRACE(text);
  Simulation simulation(text);
  simulation.run();
  const WorkloadSpec& spec = simulation.scenario().workloads.at(0);
  const Bytes frame = std::get<PingWorkload>(spec.kind).size + Bytes(14 + 20 + 8);
  const auto idle = simulation.plan().unloaded_round_trip({spec.from, spec.to}, frame);
  ASSERT_TRUE(idle.has_value());
  const auto ping = simulation.outcome<PingResult>("rtt");
  ASSERT_EQ(ping.received, 4);
  for (size_t i = 1; i < ping.probes.size(); ++i) {
    EXPECT_EQ(ping.probes[i].rtt->ns(), idle->ns()) << "probe " << i;
    EXPECT_EQ(ping.probes[i].queueing, Duration());
  }
  EXPECT_GT(*ping.probes[0].rtt, *idle) << "the first one also waits for ARP";
  EXPECT_FALSE(ping.probes[0].queueing) << "which is no queueing";
}

// The last link is slower than the others and counts the overhead of a real Ethernet.
constexpr const char* kLine = R"(violins:
  v1:
    nodes: { h1..h2: { kind: host }, s1: { kind: switch }, r1..r2: { kind: router } }
    links:
      - { endpoints: [h1, s1], rate: 33333333 bit/s, delay: 123 us }
      - { endpoints: [s1, r1], delay: 1 ms, "b->a": { delay: 3 ms, rate: 7 Mbit/s } }
      - { endpoints: [r1, r2], rate: 1 Gbit/s, delay: 12345 us }
      - { endpoints: [r2, h2], rate: 7777777 bit/s, overhead: 24 B }
)";

TEST(UnloadedRoundTrip, IsExactOnALineOfSwitchesAndRouters) {
  for (const int size : {0, 1, 17, 18, 56, 1000, 1472}) {
    expect_exact(with_pings(kLine, "v1/h1", "v1/h2", size));
  }
}

TEST(UnloadedRoundTrip, IsExactForFragmentsThatFollowEachOther) {
  for (const int size : {1473, 2952, 4000, 20'000, 65'507}) {
    expect_exact(with_pings(kLine, "v1/h2", "v1/h1", size));
  }
}

TEST(UnloadedRoundTrip, IsExactWhereRoutersCutFragmentsAgain) {
  const std::string planes = R"(violins:
  v1:
    nodes: { h1..h2: { kind: host }, r1..r2: { kind: router } }
    links:
      - { endpoints: [h1, r1], rate: 10 Mbit/s, mtu: 4000 }
      - { endpoints: [r1, r2], rate: 20 Mbit/s, delay: 1 ms, mtu: 1500 }
      - { endpoints: [r2, h2], rate: 5 Mbit/s, mtu: 577 }
)";
  for (const int size : {500, 560, 1400, 3900, 5000, 12'345}) {
    expect_exact(with_pings(planes, "v1/h1", "v1/h2", size));
  }
}

// A tunnel over three underlay links, the middle one slowest, with a smaller MTU on the way.
std::string tunnelled(const std::string& encryption, const std::string& mtu,
                      const std::string& keys = "") {
  return R"(underlay:
  nodes: { a: { kind: host }, b: { kind: host }, r1..r2: { kind: router } }
  links:
    - { endpoints: [a, r1], rate: 97 Mbit/s, delay: 2 ms }
    - { endpoints: [r1, r2], rate: 10 Mbit/s, delay: 7 ms, mtu: )" +
         mtu + R"( }
    - { endpoints: [r2, b], rate: 1 Gbit/s, delay: 1 ms }
violins:
  v1:
    encryption: )" +
         encryption + "\n" + keys +
         R"(    nodes: { h1: { kind: host, place: a }, r1: { kind: router, place: a }, h2: { kind: host, place: b } }
    links:
      - { endpoints: [h1, r1], rate: 100 Mbit/s, delay: 50 us }
      - { endpoints: [r1, h2], rate: 30 Mbit/s, delay: 100 us }
)";
}

TEST(UnloadedRoundTrip, IsExactThroughATunnelInOneTwoAndMoreChunks) {
  for (const char* encryption : {"none", "aes-256-gcm", "chacha20-poly1305"}) {
    for (const char* mtu : {"1500", "1499", "600"}) {
      for (const int size : {0, 100, 1397, 1398, 1471, 1472}) {
        expect_exact(with_pings(tunnelled(encryption, mtu), "v1/h1", "v1/h2", size));
      }
    }
  }
}

// With a latency above what separates chunks, and a processor that makes them wait.
TEST(UnloadedRoundTrip, IsExactWithEveryPartOfATunnelsCost) {
  for (const char* cost : {"{latency: 77 us}", "{per_frame: 3 us, latency: 20 us}",
                           "{per_frame: 700 us, per_kibibyte: 123457 ns, latency: 3 ms}"}) {
    const std::string keys = std::string("    tunnel_cost: ") + cost + "\n";
    for (const int size : {56, 1472, 7000}) {
      expect_exact(with_pings(tunnelled("aes-256-gcm", "600", keys), "v1/h1", "v1/h2", size));
    }
  }
}

TEST(UnloadedRoundTrip, IsExactForFragmentsThatAreCutIntoChunks) {
  expect_exact(with_pings(tunnelled("aes-256-gcm", "1500"), "v1/h1", "v1/h2", 7000));
}

TEST(UnloadedRoundTrip, IsExactBetweenOverlayHostsAndOverTwoTunnels) {
  const std::string planes = R"(underlay:
  nodes: { a: { kind: host }, b: { kind: host }, c: { kind: host }, r1: { kind: router } }
  links: [ { endpoints: [a, r1], rate: 20 Mbit/s, delay: 2 ms }, { endpoints: [b, r1], rate: 30 Mbit/s, delay: 3 ms }, { endpoints: [c, r1], rate: 50 Mbit/s, delay: 4 ms } ]
violins:
  v1:
    encryption: aes-256-gcm
    nodes: { h1: { kind: host, place: a }, s1: { kind: switch, place: b }, h2: { kind: host, place: c } }
    links: [ { endpoints: [h1, s1] }, { endpoints: [s1, h2] } ]
)";
  expect_exact(with_pings(planes, "underlay/a", "underlay/c", 1472));
  expect_exact(with_pings(planes, "v1/h1", "v1/h2", 1472));
  expect_exact(with_pings(planes, "v1/h2", "v1/h1", 31));
}

// The raw figures, for the results say 0 rather than less. All links have one MTU: where a host has
// learned a smaller one from somebody's TCP it cuts its pings itself, into pieces that follow each
// other more closely than those that a router would have made.
class BusyNetwork : public ::testing::TestWithParam<uint64_t> {};

TEST_P(BusyNetwork, NeverAnswersAPingFasterThanAnIdleOne) {
  const RandomScenario drawn(
      GetParam(), {.impairments = false, .events = false, .traces = false, .small_mtus = false});
  SCOPED_TRACE("SEED=" + std::to_string(GetParam()) + " replays it:\n" + drawn.text());
  Simulation simulation(drawn.text());
  simulation.run();
  for (const WorkloadSpec& spec : simulation.scenario().workloads) {
    const auto* asked = std::get_if<PingWorkload>(&spec.kind);
    if (asked == nullptr) continue;
    const auto idle = simulation.plan().unloaded_round_trip({spec.from, spec.to},
                                                            asked->size + Bytes(14 + 20 + 8));
    ASSERT_TRUE(idle.has_value());
    for (const PingProbe& probe : simulation.outcome<PingResult>(spec.name).probes) {
      EXPECT_GE(probe.rtt.value_or(Duration::max()), *idle) << spec.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BusyNetwork, ::testing::ValuesIn(seeds(20)));
INSTANTIATE_TEST_SUITE_P(LongSeeds, BusyNetwork, ::testing::ValuesIn(long_seeds(200)));

}  // namespace
}  // namespace violin::testing
