#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/simulation/random_scenario.hh"
#include "tests/simulation/seeds.hh"
#include "tests/support/sliced_simulation.hh"

// Slices of one scenario that know each other only through frames give the digests of the whole.

namespace violin::testing {
namespace {

// Two overlay hosts on the left, two on the right, a violin across all of them, and everything that
// crosses the middle: tunnels in two chunks, TCP, pings, datagrams, a loss, a change and an outage.
constexpr const char* kFourSites = R"(violin: 1
name: four-sites
duration: 12 s
underlay:
  nodes:
    r1..r2: { kind: router }
    a: { kind: host, attach: { to: r1, delay: 1 ms, rate: 50 Mbit/s } }
    b: { kind: host, attach: { to: r1, delay: 2 ms, rate: 50 Mbit/s } }
    c: { kind: host, attach: { to: r2, delay: 1 ms, rate: 50 Mbit/s, queue: fq_codel } }
    d: { kind: host, attach: { to: r2, delay: 3 ms, rate: 20 Mbit/s } }
  links:
    - { name: middle, endpoints: [r1, r2], delay: 7 ms, rate: 10 Mbit/s, loss: 0.3 %, queue: { kind: droptail, limit: 60 packets } }
violins:
  v1:
    encryption: aes-256-gcm
    nodes:
      h1: { kind: host, place: a }
      h2: { kind: host, place: b }
      s1: { kind: switch, place: a }
      r1: { kind: router, place: c }
      h3: { kind: host, place: c }
      h4: { kind: host, place: d }
    links:
      - { endpoints: [h1, s1], rate: 100 Mbit/s, delay: 0.1 ms, jitter: 0.05 ms }
      - { endpoints: [h2, s1] }
      - { endpoints: [s1, r1] }
      - { endpoints: [r1, h3], delay: 0.2 ms, duplicate: 1 % }
      - { endpoints: [r1, h4] }
workloads:
  - { name: rtt,  ping: { from: v1/h1, to: v1/h4, count: 100, interval: 100 ms, size: 1400 B } }
  - { name: near, ping: { from: v1/h1, to: v1/h2, count: 50, interval: 70 ms } }
  - { name: bulk, tcp: { from: v1/h2, to: v1/h3, duration: 8 s } }
  - { name: back, tcp: { from: v1/h4, to: v1/h1, at: 1 s, size: 400 kB, congestion: newreno } }
  - { name: host, tcp: { from: underlay/b, to: underlay/d, at: 2 s, duration: 5 s } }
  - { name: noise, udp: { from: underlay/c, to: underlay/a, rate: 1 Mbit/s, duration: 10 s, poisson: true } }
  - { name: way, traceroute: { from: underlay/a, to: underlay/d, at: 3 s } }
events:
  - { at: 3 s, set: { link: underlay/middle, delay: 12 ms } }
  - { at: 5 s, down: underlay/middle, for: 300 ms }
  - { at: 6500 ms, down: underlay/d, for: 100 ms, mode: silent }
)";

class FourSites : public ::testing::Test {
 protected:
  FourSites() : scenario_(test::read(kFourSites)), whole_(scenario_) { whole_.run(); }

  // Runs the scenario in slices, said for the underlay's r1, r2, a, b, c, d.
  std::string difference_when_cut(const std::vector<int>& underlay_part) {
    SlicedSimulation sliced(scenario_, parts_by_place(scenario_, underlay_part));
    sliced.run();
    EXPECT_GT(sliced.crossed(), 1000u);
    return difference(whole_.digests(), sliced.digests());
  }

  Scenario scenario_;
  Simulation whole_;
};

TEST_F(FourSites, ExchangeEnoughToProveSomething) {
  EXPECT_GT(whole_.outcome<TcpResult>("bulk").bytes, 1'000'000);
  EXPECT_EQ(whole_.outcome<TcpResult>("back").bytes, 400'000);
  EXPECT_GT(whole_.outcome<PingResult>("rtt").received, 50);
  const RunResult counters = whole_.counters();
  uint64_t lost = 0, down = 0;
  for (const LinkResult& link : counters.links) {
    for (const LinkDirectionResult& direction : {link.a_to_b, link.b_to_a}) {
      lost += direction.drops[static_cast<size_t>(DropReason::kLoss)];
      down += direction.drops[static_cast<size_t>(DropReason::kLinkDown)];
    }
  }
  EXPECT_GT(lost, 0u);
  EXPECT_GT(down, 0u);
}

TEST_F(FourSites, TwoSlicesGiveTheDigestsOfTheWhole) {
  EXPECT_EQ(difference_when_cut({0, 1, 0, 0, 1, 1}), "");
}

TEST_F(FourSites, ThreeSlicesGiveTheDigestsOfTheWhole) {
  EXPECT_EQ(difference_when_cut({0, 1, 0, 2, 1, 2}), "");
}

TEST_F(FourSites, ASliceForEachNodeOfTheUnderlayGivesTheDigestsOfTheWhole) {
  EXPECT_EQ(difference_when_cut({0, 1, 2, 3, 4, 5}), "");
}

TEST_F(FourSites, CannotBeCutThroughAWireWithJitter) {
  // The control: with virtual nodes apart from each other although on one host.
  Scenario scenario = scenario_;
  std::vector<int> parts(scenario.nodes.size(), 0);
  for (LinkSpec& link : scenario.links) {
    if (link.full_name() == "underlay/middle")
      link.a_to_b.jitter.stddev = Duration::milliseconds(1);
  }
  EXPECT_THROW(SlicedSimulation(scenario, parts_by_place(scenario, {0, 1, 0, 0, 1, 1})),
               std::invalid_argument);
}

// Any cut of any network.
class AnyCut : public ::testing::TestWithParam<uint64_t> {};

TEST_P(AnyCut, OfARandomNetworkGivesTheDigestsOfTheWhole) {
  const RandomScenario drawn(GetParam(), {.sliceable = true});
  Random random = substream(GetParam(), "any cut", "partition");
  const Scenario scenario = test::read(drawn.text());
  const uint64_t parts = 2 + random.below(3);
  std::vector<int> underlay_part;
  for (const NodeSpec& node : scenario.nodes) {
    if (node.plane == kUnderlayPlane)
      underlay_part.push_back(static_cast<int>(random.below(parts)));
  }
  Simulation whole(scenario);
  whole.run();
  SlicedSimulation sliced(scenario, parts_by_place(scenario, underlay_part));
  sliced.run();
  EXPECT_EQ(difference(whole.digests(), sliced.digests()), "")
      << "SEED=" << GetParam() << " replays it:\n"
      << drawn.text();
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyCut, ::testing::ValuesIn(seeds(8)));
INSTANTIATE_TEST_SUITE_P(LongSeeds, AnyCut, ::testing::ValuesIn(long_seeds(60)));

}  // namespace
}  // namespace violin::testing
