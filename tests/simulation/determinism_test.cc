#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "tests/simulation/random_scenario.hh"
#include "tests/simulation/seeds.hh"
#include "tests/support/simulation.hh"
#include "tests/support/temporary_folder.hh"

// The same seed gives the same bytes: repeated, in both builds, whoever looks on, whatever else is
// in the scenario. Another seed gives others.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Every model that draws, computes or waits: impairments, disciplines, tunnels, all workloads,
// events. `more` goes in at the ends of lists that `unrelated` things may be added to.
struct Additions {
  std::string underlay_node, underlay_link, violin, workload, node, link;
};
std::string everything(const Additions& add = {}) {
  return R"(violin: 1
name: everything
duration: 8 s
underlay:
  nodes:
    r1..r2: { kind: router }
    a: { kind: host }
    b: { kind: host }
    c: { kind: host })" +
         add.underlay_node + R"(
  links:
    - { endpoints: [r1, r2], rate: 9 Mbit/s, delay: 9 ms, jitter: { stddev: 1 ms, distribution: pareto, correlation: 20 % }, queue: { kind: fq_codel, ecn: true } }
    - { endpoints: [r1, a], rate: 50 Mbit/s, delay: 1 ms, loss: { gemodel: { p: 0.5 %, r: 50 % } } }
    - { endpoints: [r2, b], rate: 33 Mbit/s, delay: 2 ms, queue: { kind: pie }, duplicate: 0.5 % }
    - { endpoints: [r2, c], rate: 20 Mbit/s, delay: 2 ms, queue: { kind: red, limit: 100 packets }, corrupt: 0.2 % })" +
         add.underlay_link + R"(
violins:
  v1:
    encryption: aes-256-gcm
    tunnel_cost: { per_frame: 4500 ns, per_kibibyte: 350 ns }
    nodes:
      h1..h2: { kind: host, place: a }
      s1: { kind: switch, place: a }
      r1: { kind: router, place: b }
      h3: { kind: host, place: b }
      h4: { kind: host, place: c })" +
         add.node + R"(
    links:
      - { endpoints: [h1..h2, s1], rate: 100 Mbit/s, delay: 0.1 ms, jitter: 20 us }
      - { endpoints: [s1, r1], loss: { state: { p13: 0.3 %, p31: 60 % } } }
      - { endpoints: [r1, h3], rate: 12 Mbit/s, queue: codel, reorder: { percent: 3 %, gap: 4 }, delay: 3 ms }
      - { endpoints: [r1, h4], trace: [1, 2, 4, 5, 7] })" +
         add.link + add.violin + R"(
workloads:
  - { name: rtt, ping: { from: v1/h1, to: v1/h3, count: 60, interval: 100 ms, size: 1300 B } }
  - { name: bulk, tcp: { from: v1/h1, to: v1/h4, duration: 6 s, ecn: true } }
  - { name: many, tcp: { from: v1/h2, to: v1/h3, size: 50 kB, arrivals: { poisson: 3 /s }, duration: 5 s, congestion: newreno } }
  - { name: noise, udp: { from: underlay/a, to: underlay/c, rate: 2 Mbit/s, duration: 7 s, poisson: true } }
  - { name: way, traceroute: { from: underlay/a, to: underlay/b, at: 1 s } })" +
         add.workload + R"(
events:
  - { at: 3 s, set: { link: v1/r1--h3, rate: 6 Mbit/s, loss: 1 % } }
  - { at: 4 s, down: v1/s1--r1, for: 200 ms }
capture: [ v1/h1:eth0, underlay/b:eth0 ]
)";
}

Scenario with_seed(uint64_t seed) {
  Scenario scenario = test::read(everything());
  scenario.seed = seed;
  return scenario;
}

WireDigests digests_of(Scenario scenario, const OnLookers& on_lookers = {}) {
  Simulation simulation(std::move(scenario), on_lookers);
  simulation.run();
  return simulation.digests();
}

TEST(Determinism, EqualSeedsGiveEqualDigestsOnEveryWire) {
  EXPECT_EQ(difference(digests_of(with_seed(7)), digests_of(with_seed(7))), "");
}

TEST(Determinism, AnotherSeedGivesOtherDigestsOnEveryWireThatCarriesTraffic) {
  const WireDigests first = digests_of(with_seed(7)), second = digests_of(with_seed(8));
  size_t carrying = 0;
  for (const auto& [wire, digest] : first) {
    if (digest == 0) continue;
    ++carrying;
    EXPECT_NE(second.at(wire), digest) << wire;
  }
  EXPECT_GE(carrying, 14u);
}

// Both presets must find this value; a change of any model changes it, and then it is a changed
// result to be named in CHANGELOG.md. UPDATE=1 rewrites the file.
TEST(Determinism, TheDigestIsTheOneThatEveryBuildHasFound) {
  const fs::path file = fs::path(VIOLIN_SOURCE_DIR) / "tests" / "golden" / "everything.digest";
  Simulation simulation(with_seed(1));
  simulation.run();
  std::string actual;
  for (const auto& [wire, digest] : simulation.digests()) {
    char line[128];
    std::snprintf(line, sizeof line, "%016llx  %s\n", static_cast<unsigned long long>(digest),
                  wire.c_str());
    actual += line;
  }
  if (std::getenv("UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << actual;
  EXPECT_EQ(actual, text_of(file)) << "UPDATE=1 rewrites " << file;
}

TEST(Determinism, WhoeverLooksOnChangesNothing) {
  const TemporaryFolder folder;
  const WireDigests alone = digests_of(with_seed(3));
  EXPECT_EQ(difference(alone, digests_of(with_seed(3), {.sampler = true})), "");
  EXPECT_EQ(difference(alone, digests_of(with_seed(3), {.captures = folder.path() / "pcap"})), "");
  EXPECT_EQ(difference(alone, digests_of(with_seed(3), {.record = folder.path() / "frames.bin"})),
            "");
  EXPECT_GT(fs::file_size(folder.path() / "pcap" / "v1.h1.eth0.pcap"), 100'000u);
  EXPECT_GT(fs::file_size(folder.path() / "frames.bin"), 100'000u);
}

TEST(Determinism, EqualSeedsGiveEqualCapturesByteForByte) {
  const TemporaryFolder first, second;
  digests_of(with_seed(5), {.captures = first.path()});
  digests_of(with_seed(5), {.sampler = true, .captures = second.path()});
  for (const char* name : {"v1.h1.eth0.pcap", "underlay.b.eth0.pcap"}) {
    const std::string capture = text_of(first.path() / name);
    EXPECT_GT(capture.size(), 100'000u);
    EXPECT_TRUE(capture == text_of(second.path() / name)) << name;
  }
}

// ---- what has nothing to do with it changes nothing ---------------------------------------------

// Wires that both have must have done the same.
std::string changed_by(const Additions& additions) {
  const WireDigests before = digests_of(with_seed(1));
  const WireDigests after = digests_of(test::read(everything(additions)));
  EXPECT_GT(after.size(), before.size());
  WireDigests common;
  for (const auto& [wire, digest] : after) {
    if (before.contains(wire)) common[wire] = digest;
  }
  return difference(before, common);
}

TEST(Determinism, AnUnrelatedNodeAndItsLinkChangeNoOtherWire) {
  EXPECT_EQ(changed_by({.node = "\n      h9: { kind: host, place: c }",
                        .link = "\n      - { endpoints: [r1, h9], loss: 1 % }"}),
            "");
}

TEST(Determinism, AnUnrelatedOverlayHostChangesNoOtherWire) {
  EXPECT_EQ(
      changed_by({.underlay_node = "\n    z: { kind: host }",
                  .underlay_link = "\n    - { endpoints: [r2, z], delay: 1 ms, jitter: 1 ms }"}),
      "");
}

TEST(Determinism, AnotherViolinWithTrafficOfItsOwnOnOtherHostsChangesNoOtherWire) {
  EXPECT_EQ(
      changed_by(
          {.underlay_node = "\n    z1..z2: { kind: host }",
           .underlay_link =
               "\n    - { endpoints: [z1, z2], delay: 1 ms, rate: 5 Mbit/s, loss: 1 % }",
           .violin =
               "\n  v2:\n    nodes: { h1: { kind: host, place: z1 }, h2: { kind: host, place: "
               "z2 } }\n"
               "    links: [ { endpoints: [h1, h2] } ]",
           .workload = "\n  - { name: other, tcp: { from: v2/h1, to: v2/h2, duration: 5 s } }"}),
      "");
}

// The control: what shares a wire changes it.
TEST(Determinism, AWorkloadThatSharesAWireChangesIt) {
  Scenario more = test::read(
      everything({.workload = "\n  - { name: more, ping: { from: v1/h2, to: v1/h4, count: 3 } }"}));
  const std::string changed = difference(digests_of(with_seed(1)), digests_of(std::move(more)));
  EXPECT_CONTAINS(changed, "v1/h2--s1.h2->s1 differs");
  EXPECT_CONTAINS(changed, "underlay/r1--r2.r1->r2 differs");
}

class RandomDeterminism : public ::testing::TestWithParam<uint64_t> {};

TEST_P(RandomDeterminism, ARandomNetworkDoesTheSameTwiceAndWhenSampled) {
  const RandomScenario drawn(GetParam());
  const Scenario scenario = test::read(drawn.text());
  const WireDigests first = digests_of(scenario);
  EXPECT_EQ(difference(first, digests_of(scenario, {.sampler = true})), "")
      << "SEED=" << GetParam() << " replays it:\n"
      << drawn.text();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDeterminism, ::testing::ValuesIn(seeds(6)));
INSTANTIATE_TEST_SUITE_P(LongSeeds, RandomDeterminism, ::testing::ValuesIn(long_seeds(60)));

}  // namespace
}  // namespace violin::testing
