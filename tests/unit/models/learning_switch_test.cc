#include "models/node/learning_switch.hh"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "core/ethernet.hh"
#include "tests/support/collecting_sink.hh"

// A switch with three ports, each ending in a sink:
//
//     out[0] ── eth0 ┐
//     out[1] ── eth1 ┼ s1
//     out[2] ── eth2 ┘

namespace violin {
namespace {

using namespace literals;
using testing::CollectingSink;

constexpr MacAddress kA = MacAddress::from_bits(0x02'00'00'00'00'0a);
constexpr MacAddress kB = MacAddress::from_bits(0x02'00'00'00'00'0b);

class SwitchTest : public ::testing::Test {
 protected:
  SwitchTest() { build({}); }

  void build(LearningSwitchLimits limits) {
    node = std::make_unique<LearningSwitch>("s1", NodeContext{scheduler, pools, 1}, limits);
    for (size_t i = 0; i < out.size(); ++i) {
      out[i].arrivals.clear();
      node->add_nic({.name = "eth" + std::to_string(i), .mac = {}, .addresses = {}})
          .connect(out[i]);
    }
  }
  Frame frame(MacAddress to, MacAddress from, uint8_t content = 0) {
    Frame made = Frame::allocate(pools);
    EthernetHeader{to, from, 0x88b5}.write(made.append(EthernetHeader::kSize));
    made.append(1)[0] = std::byte{content};
    return made;
  }
  void give(size_t port, Frame made, Time now) { node->nic(port).receive(std::move(made), now); }
  std::array<size_t, 3> counts() const { return {out[0].count(), out[1].count(), out[2].count()}; }
  using Counts = std::array<size_t, 3>;

  Scheduler scheduler;
  BufferPools pools;
  std::array<CollectingSink, 3> out;
  std::unique_ptr<LearningSwitch> node;
  Time t0 = Time::zero();
};

TEST_F(SwitchTest, FloodsAnUnknownStationToAllPortsButTheOneItCameFrom) {
  give(1, frame(kB, kA), t0);
  EXPECT_EQ(counts(), (Counts{1, 0, 1}));
  EXPECT_EQ(node->counters().replicated, 1u);
  EXPECT_TRUE(node->counters().balanced());
}

TEST_F(SwitchTest, ForwardsToThePortAStationWasHeardAt) {
  give(1, frame(kB, kA), t0);
  give(2, frame(kA, kB), t0);
  EXPECT_EQ(counts(), (Counts{1, 1, 1}));
}

TEST_F(SwitchTest, FiltersWhatWouldGoBackWhereItCameFrom) {
  give(1, frame(kB, kA), t0);
  give(1, frame(kA, kB), t0);
  EXPECT_EQ(counts(), (Counts{1, 0, 1}));
  EXPECT_EQ(node->drops().of(DropReason::kFiltered), 1u);
}

TEST_F(SwitchTest, ForgetsAStationThatWasSilentForTheAgeingTime) {
  give(1, frame(kB, kA), t0);
  EXPECT_EQ(node->port_of(kA, t0 + 300_s), &node->nic(1));
  EXPECT_EQ(node->port_of(kA, t0 + 300_s + 1_ns), nullptr);
  give(2, frame(kA, kB), t0 + 301_s);
  EXPECT_EQ(counts(), (Counts{2, 1, 1}));
}

TEST_F(SwitchTest, FollowsAStationThatMoves) {
  give(1, frame(kB, kA), t0);
  give(2, frame(kB, kA), t0 + 5_s);
  EXPECT_EQ(node->port_of(kA, t0 + 5_s), &node->nic(2));
}

TEST_F(SwitchTest, ForgetsTheStationsOfAPortWithoutCarrier) {
  give(1, frame(kB, kA), t0);
  node->nic(1).set_carrier(false, t0);
  node->nic(1).set_carrier(true, t0);
  EXPECT_EQ(node->port_of(kA, t0), nullptr);
}

TEST_F(SwitchTest, DoesNotFloodToAPortWithoutCarrier) {
  node->nic(0).set_carrier(false, t0);
  give(1, frame(MacAddress::broadcast(), kA), t0);
  EXPECT_EQ(counts(), (Counts{0, 0, 1}));
  EXPECT_TRUE(node->counters().balanced());
}

TEST_F(SwitchTest, PassesVlanTagsUntouched) {
  Frame tagged = Frame::allocate(pools);
  EthernetHeader{kB, kA, ether_type::kVlan}.write(tagged.append(EthernetHeader::kSize));
  store_be16(tagged.append(2), 42);
  const auto before = std::vector<std::byte>(tagged.headers().begin(), tagged.headers().end());
  give(0, std::move(tagged), t0);
  EXPECT_EQ(out[1].bytes(0), before);
}

TEST_F(SwitchTest, RefusesFramesFromAGroupAddressAndCutOffOnes) {
  give(0, frame(kB, MacAddress::broadcast()), t0);
  give(0, Frame::allocate(pools), t0);
  EXPECT_EQ(counts(), (Counts{0, 0, 0}));
  EXPECT_EQ(node->drops().of(DropReason::kMalformed), 2u);
}

TEST_F(SwitchTest, MakesRoomForANewStationByForgettingTheOneLongestSilent) {
  build({.stations_max = 2});
  give(0, frame(kB, kA), t0);
  give(1, frame(kA, kB), t0 + 2_s);
  give(0, frame(kB, kA), t0 + 4_s);  // A was heard again: B is the oldest
  give(2, frame(kA, MacAddress::from_bits(0x02'00'00'00'00'0c)), t0 + 6_s);
  EXPECT_NE(node->port_of(kA, t0 + 6_s), nullptr);
  EXPECT_EQ(node->port_of(kB, t0 + 6_s), nullptr);
  EXPECT_EQ(node->stations_known(), 2u);
}

TEST_F(SwitchTest, BlocksThePortOfAStationThatKeepsMoving) {
  for (int i = 0; i < 16; ++i) give(static_cast<size_t>(i % 2), frame(kB, kA), t0 + 1_ms * i);
  EXPECT_FALSE(node->is_blocked(node->nic(0), t0 + 16_ms));
  give(0, frame(kB, kA), t0 + 16_ms);
  give(1, frame(kB, kA), t0 + 17_ms);  // the 17th move
  EXPECT_TRUE(node->is_blocked(node->nic(1), t0 + 17_ms));
  EXPECT_EQ(node->drops().of(DropReason::kLoop), 1u);
  const Counts before = counts();
  give(0, frame(MacAddress::broadcast(), kA), t0 + 18_ms);
  EXPECT_EQ(counts(), (Counts{before[0], before[1], before[2] + 1}));
  EXPECT_FALSE(node->is_blocked(node->nic(1), t0 + 17_ms + 30_s));
}

TEST_F(SwitchTest, ToleratesMovesThatAreFarApart) {
  for (int i = 0; i < 100; ++i) give(static_cast<size_t>(i % 2), frame(kB, kA), t0 + 1_s * i);
  EXPECT_EQ(node->drops().of(DropReason::kLoop), 0u);
}

TEST_F(SwitchTest, StopsFloodingAFrameThatKeepsComingBack) {
  for (int i = 0; i < 100; ++i) {
    give(0, frame(MacAddress::broadcast(), kA, 7), t0 + 1_ms * i);
  }
  EXPECT_EQ(out[1].count(), 64u);
  EXPECT_EQ(node->drops().of(DropReason::kLoop), 36u);
  give(0, frame(MacAddress::broadcast(), kA, 8), t0 + 100_ms);
  EXPECT_EQ(out[1].count(), 65u);
}

TEST_F(SwitchTest, ThatIsDownDropsEverythingAndForgetsItsStations) {
  give(1, frame(kB, kA), t0);
  node->take_down(t0);
  give(1, frame(kB, kA), t0);
  EXPECT_EQ(node->drops().of(DropReason::kNodeDown), 1u);
  node->bring_up();
  EXPECT_EQ(node->port_of(kA, t0), nullptr);
  EXPECT_TRUE(node->counters().balanced());
}

}  // namespace
}  // namespace violin
