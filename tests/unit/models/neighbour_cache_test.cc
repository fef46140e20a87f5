#include "models/node/neighbour_cache.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/pacer.hh"

namespace violin {
namespace {

using namespace literals;

constexpr MacAddress kMac = MacAddress::from_bits(0x02'00'00'00'00'0a);
constexpr MacAddress kOther = MacAddress::from_bits(0x02'00'00'00'00'0b);
constexpr NeighbourKey kKey{IpAddress::v4(0x0a000002), 0};

// What the cache asks for, as words: "ask all", "ask one", "send", "fail", "drop", "change".
class NeighbourCacheTest : public ::testing::Test, public NeighbourOwner {
 protected:
  NeighbourCacheTest() { run_to(0_s); }
  void ask_neighbour(const NeighbourKey&, MacAddress to, Time) override {
    log.push_back(to.is_broadcast() ? "ask all" : "ask one");
  }
  void neighbour_resolved(Frame, const NeighbourKey&, MacAddress, Time) override {
    log.push_back("send");
  }
  void neighbour_unreachable(Frame, Time) override { log.push_back("fail"); }
  void neighbour_packet_dropped(Frame, DropReason) override { log.push_back("drop"); }
  void neighbours_changed() override { log.push_back("change"); }

  void run_to(Duration since_start) { scheduler.run_until(Time::zero() + since_start, warp); }
  Time now() const { return scheduler.now(); }
  void hold() { cache.hold(Frame::allocate(pools), kKey, now()); }
  void answer(MacAddress mac = kMac) {
    cache.learn(kKey, mac, NeighbourCache::Learn::kAlways, now());
  }
  using Log = std::vector<std::string>;
  Log taken() { return std::exchange(log, {}); }

  Scheduler scheduler;
  Warp warp;
  BufferPools pools;
  Entity entity{"h1"};
  Log log;
  NeighbourCache cache{scheduler, entity, *this};
};

TEST_F(NeighbourCacheTest, AsksThreeTimesOneSecondApartAndThenFails) {
  EXPECT_FALSE(cache.look_up(kKey, now()));
  hold();
  hold();
  EXPECT_EQ(taken(), (Log{"ask all"}));
  run_to(1_s - 1_ns);
  EXPECT_EQ(taken(), (Log{}));
  run_to(1_s);
  EXPECT_EQ(taken(), (Log{"ask all"}));
  run_to(2_s);
  EXPECT_EQ(taken(), (Log{"ask all"}));
  run_to(3_s);
  EXPECT_EQ(taken(), (Log{"fail", "fail"}));
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.frames_held(), 0u);
}

TEST_F(NeighbourCacheTest, SendsWhatWaitedWhenTheAnswerComesAndAsksNoMore) {
  hold();
  hold();
  answer();
  run_to(10_s);
  EXPECT_EQ(taken(), (Log{"ask all", "send", "send"}));
  EXPECT_EQ(cache.look_up(kKey, now())->mac, kMac);
}

TEST_F(NeighbourCacheTest, BelievesAnAnswerForAMinuteAndThenAsksTheStationItself) {
  answer();
  EXPECT_EQ(cache.look_up(kKey, now())->until, Time::zero() + 60_s);
  run_to(60_s - 1_ns);
  cache.look_up(kKey, now());
  EXPECT_EQ(taken(), (Log{}));
  run_to(60_s);
  EXPECT_EQ(cache.look_up(kKey, now())->mac, kMac);
  EXPECT_EQ(cache.look_up(kKey, now())->until, now());
  EXPECT_EQ(taken(), (Log{"ask one"}));
  answer();
  EXPECT_EQ(cache.look_up(kKey, now())->until, Time::zero() + 120_s);
}

TEST_F(NeighbourCacheTest, ForgetsAStationThatNoLongerAnswers) {
  answer();
  run_to(60_s);
  cache.look_up(kKey, now());
  run_to(63_s);
  EXPECT_EQ(taken(), (Log{"ask one", "ask one", "ask one", "change"}));
  EXPECT_FALSE(cache.look_up(kKey, now()));
}

TEST_F(NeighbourCacheTest, LearnsFromWhatItOverhearsOnlyWhomItKnows) {
  cache.learn(kKey, kMac, NeighbourCache::Learn::kIfKnown, now());
  EXPECT_FALSE(cache.look_up(kKey, now()));
  answer();
  cache.learn(kKey, kOther, NeighbourCache::Learn::kIfKnown, now());
  EXPECT_EQ(cache.look_up(kKey, now())->mac, kOther);
  EXPECT_EQ(taken(), (Log{"change"}));
}

TEST_F(NeighbourCacheTest, KeepsAStaticNeighbourWhateverIsSaid) {
  cache.add_static(kKey, kMac);
  answer(kOther);
  cache.forget_all(DropReason::kNodeDown);
  EXPECT_EQ(cache.look_up(kKey, now())->mac, kMac);
  EXPECT_EQ(cache.look_up(kKey, now())->until, Time::never());
}

TEST_F(NeighbourCacheTest, DropsTheOldestOfSixtyFiveWaitingPackets) {
  for (uint32_t i = 0; i <= NeighbourCache::kQueueMax; ++i) hold();
  EXPECT_EQ(taken(), (Log{"ask all", "drop"}));
  EXPECT_EQ(cache.frames_held(), NeighbourCache::kQueueMax);
}

TEST_F(NeighbourCacheTest, ForgetsTheNeighboursOfOneInterfaceOnly) {
  answer();
  const NeighbourKey elsewhere{kKey.address, 1};
  cache.hold(Frame::allocate(pools), elsewhere, now());
  taken();
  cache.forget(1, DropReason::kLinkDown);
  EXPECT_EQ(taken(), (Log{"drop"}));
  EXPECT_TRUE(cache.look_up(kKey, now()));
}

TEST_F(NeighbourCacheTest, MakesRoomAtTheExpenseOfTheLongestUnused) {
  for (uint32_t i = 0; i < NeighbourCache::kNeighboursMax; ++i) {
    cache.learn({IpAddress::v4(i), 0}, kMac, NeighbourCache::Learn::kAlways, now());
  }
  cache.look_up({IpAddress::v4(0), 0}, now());
  answer();
  EXPECT_EQ(cache.size(), NeighbourCache::kNeighboursMax);
  EXPECT_TRUE(cache.look_up({IpAddress::v4(0), 0}, now()));
  EXPECT_FALSE(cache.look_up({IpAddress::v4(1), 0}, now()));
}

}  // namespace
}  // namespace violin
