#include "emulator/network/sampler.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/simulation.hh"

namespace violin {
namespace {

using namespace literals;

// A link that is offered twice what it carries, sampled for three seconds.
class SamplerTest : public ::testing::Test {
 protected:
  SamplerTest()
      : scenario_(test::read(
            "violin: 1\nname: sampled\nduration: 3 s\nviolins:\n  v1:\n"
            "    nodes: { h1..h3: { kind: host, backend: model }, s1: { kind: switch } }\n"
            "    links:\n"
            "      - { endpoints: [h1, s1], rate: 1 Mbit/s, queue: { limit: 20 packets } }\n"
            "      - { endpoints: [s1, h2], rate: 100 Mbit/s }\n"
            "      - { endpoints: [s1, h3] }\n"
            "workloads: [ { name: u, udp: { from: v1/h1, to: v1/h2, rate: 2 Mbit/s, duration: 2 s "
            "} } ]\n")),
        plan_(scenario_),
        network_(plan_),
        workloads_(network_),
        sampler_(network_) {
    network_.add_entity(sampler_.entity());
    network_.rank_entities();
    workloads_.start();
    sampler_.start();
    Warp warp;
    network_.scheduler().run_until(Time::zero() + 3_s, warp);
  }
  const Series* find(const std::vector<Series>& all, const std::string& entity,
                     const std::string& metric) const {
    const auto at = std::find_if(all.begin(), all.end(), [&](const Series& series) {
      return series.entity == entity && series.metric == metric;
    });
    return at == all.end() ? nullptr : &*at;
  }

  Scenario scenario_;
  NetworkPlan plan_;
  Network network_;
  WorkloadSet workloads_;
  Sampler sampler_;
};

TEST_F(SamplerTest, SeesTheQueueOfABusyLinkTenTimesASecond) {
  const std::vector<Series> all = sampler_.series();
  const Series* queue = find(all, "v1/h1--s1.h1->s1", "queue_packets");
  ASSERT_NE(queue, nullptr);
  EXPECT_EQ(queue->points.size(), 30u);
  EXPECT_EQ(queue->points[0].first, Time::zero() + 100_ms);
  EXPECT_GE(queue->points[15].second, 19) << "full";
  EXPECT_EQ(queue->points[29].second, 0) << "over";
}

TEST_F(SamplerTest, CountsTheDropsSinceTheLastSampleSoThatTheyAddUp) {
  const std::vector<Series> all = sampler_.series();
  const Series* drops = find(all, "v1/h1--s1.h1->s1", "drops_queue_full_packets");
  ASSERT_NE(drops, nullptr);
  double sum = 0;
  for (const auto& [when, count] : drops->points) sum += count;
  const Wire* wire = network_.wire(0, true);
  EXPECT_EQ(sum, static_cast<double>(wire->counters().drops.of(DropReason::kQueueFull)));
  EXPECT_GT(sum, 50);
}

TEST_F(SamplerTest, LeavesOutLinksWhereNothingEverWaited) {
  const std::vector<Series> all = sampler_.series();
  EXPECT_EQ(find(all, "v1/s1--h2.s1->h2", "queue_packets"), nullptr);
  EXPECT_EQ(find(all, "v1/s1--h3.s1->h3", "queue_packets"), nullptr);
}

TEST_F(SamplerTest, SeesWhatPartOfItsRateALinkCarries) {
  const std::vector<Series> all = sampler_.series();
  const Series* share = find(all, "v1/h1--s1.h1->s1", "utilisation_share");
  ASSERT_NE(share, nullptr);
  ASSERT_EQ(share->points.size(), 30u);
  EXPECT_EQ(share->points[29].first, Time::zero() + 3_s);
  EXPECT_NEAR(share->points[15].second, 1, 0.13) << "a frame more or less";
  EXPECT_EQ(share->points[29].second, 0);
}

// All of it is modelled, under the real clock: there are no digests.
struct NothingOutside final : Network::Outside {
  std::unique_ptr<Node> make_node(int, const NodeContext&) override { return nullptr; }
  FrameSink& open_tunnel(const TunnelPlan&, bool, const NodeContext&, FrameSink& inside) override {
    return inside;
  }
  Duration lead(int, bool) const override { return {}; }
};

TEST_F(SamplerTest, KeepsNothingOfDigestsWhereThereAreNone) {
  NothingOutside outside;
  Network::Slice slice;
  slice.owned.assign(scenario_.nodes.size(), true);
  slice.outside = &outside;
  slice.clock = ClockKind::kReal;
  Network real(plan_, slice);
  WorkloadSet workloads(real);
  Sampler sampler(real);
  real.add_entity(sampler.entity());
  real.rank_entities();
  workloads.start();
  sampler.start();
  Warp warp;
  real.scheduler().run_until(Time::zero() + 3_s, warp);
  EXPECT_GT(real.flight(0, true)->delivered(), 0u);
  EXPECT_FALSE(sampler.series().empty());
  EXPECT_TRUE(sampler.digests(Time::zero() + 3_s).empty());
}

TEST_F(SamplerTest, KeepsEveryWiresDigestOfEverySecondAndTheLastOne) {
  const std::vector<DigestTrack> tracks = sampler_.digests(Time::zero() + 3_s);
  EXPECT_TRUE(std::is_sorted(tracks.begin(), tracks.end(),
                             [](const auto& a, const auto& b) { return a.wire < b.wire; }));
  for (const DigestTrack& track : tracks) {
    EXPECT_EQ(track.values.size(), 3u) << track.wire;
    if (track.wire != "v1/h1--s1.h1->s1") continue;
    EXPECT_NE(track.values[0], track.values[1]);
    EXPECT_NE(track.values[1], track.values[2]) << "the queue ran empty after two seconds";
    EXPECT_EQ(track.values[2], network_.flight(0, true)->digest());
  }
}

}  // namespace
}  // namespace violin
