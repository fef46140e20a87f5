#include <gtest/gtest.h>

#include <functional>

#include "tests/support/nic_bench.hh"

// What a guest puts into its rings that no guest may put there ends it, and nobody else. (What can
// be wrong with a chain is in virtqueue_test.cc.)

namespace violin {
namespace {

using testing::FakeGuest;
using testing::FakeRing;
using testing::NicBench;

constexpr uint64_t kIn = FakeGuest::kBase + FakeGuest::kSent;
constexpr uint64_t kOut = FakeGuest::kBase + FakeGuest::kMemory;

std::string trouble_when_sending(const std::function<void(FakeRing&)>& misdeed) {
  NicBench bench;
  EXPECT_TRUE(bench.guest.start());
  bench.guest.send_frame({}, std::vector<std::byte>(60));
  misdeed(bench.guest.rings[1]);
  bench.guest.rings[1].offer();
  EXPECT_FALSE(bench.guest.kick(1)) << "there is no answer any more";
  EXPECT_FALSE(bench.nic.is_connected());
  EXPECT_EQ(bench.owner.frames.size(), 1u) << "what was right before was taken";
  return bench.nic.trouble();
}

std::string trouble_when_receiving(const std::function<void(FakeRing&)>& misdeed) {
  NicBench bench;
  EXPECT_TRUE(bench.guest.start());
  misdeed(bench.guest.rings[0]);
  bench.guest.rings[0].offer();
  EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)),
            VhostNic::Delivery::kNotRunning);
  EXPECT_FALSE(bench.nic.is_connected());
  return bench.nic.trouble();
}

TEST(VhostHostileRing, WhatItSendsLiesInItsMemory) {
  EXPECT_EQ(trouble_when_sending([](FakeRing& ring) {
              ring.add({{kOut - 10, 60, 0, 0}});
            }),
            "queue 1: a buffer outside its memory");
  EXPECT_EQ(trouble_when_sending([](FakeRing& ring) {
              ring.add({{kIn, 60, 0, 0}, {~uint64_t{0} - 5, 60, 0, 0}});
            }),
            "queue 1: a buffer outside its memory");
  EXPECT_EQ(trouble_when_sending([](FakeRing& ring) { ring.add_head(256); }),
            "queue 1: a descriptor outside its table");
}

TEST(VhostHostileRing, WhatItSendsIsThereToBeRead) {
  EXPECT_EQ(trouble_when_sending([](FakeRing& ring) {
              ring.add({{kIn, 60, FakeRing::kWrite, 0}});
            }),
            "a buffer to write among those of a frame it sends");
  EXPECT_EQ(trouble_when_sending([](FakeRing& ring) {
              ring.add({{kIn, 60, 0, 0}, {kIn, 60, FakeRing::kWrite, 0}});
            }),
            "a buffer to write among those of a frame it sends");
}

TEST(VhostHostileRing, ItsIndexDoesNotJump) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.guest.rings[1].set_available_index(257);
  EXPECT_FALSE(bench.guest.kick(1));
  EXPECT_EQ(bench.nic.trouble(), "queue 1: more entries available than its size");
}

TEST(VhostHostileRing, WhatItReceivesIntoLiesInItsMemoryAndCanBeWritten) {
  EXPECT_EQ(trouble_when_receiving([](FakeRing& ring) {
              ring.add({{kOut - 10, 60, FakeRing::kWrite, 0}});
            }),
            "queue 0: a buffer outside its memory");
  const std::string trouble = "a receive buffer that cannot be written to, or that has no room";
  EXPECT_EQ(trouble_when_receiving([](FakeRing& ring) { ring.add({{kIn, 2000, 0, 0}}); }), trouble);
  EXPECT_EQ(trouble_when_receiving([](FakeRing& ring) {
              ring.add({{kIn, 60, 0, 0}, {kIn, 2000, FakeRing::kWrite, 0}});
            }),
            trouble);
  EXPECT_EQ(trouble_when_receiving([](FakeRing& ring) {
              ring.add({{kIn, 11, FakeRing::kWrite, 0}});
            }),
            trouble);
  EXPECT_EQ(trouble_when_receiving([](FakeRing& ring) { ring.set_available_index(300); }),
            "queue 0: more entries available than its size");
}

TEST(VhostHostileRing, TheSameBufferTwiceIsItsOwnLoss) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  FakeRing& ring = bench.guest.rings[0];
  ring.write_descriptor(0, {kIn, 1600, FakeRing::kWrite, 0});
  for (int i = 0; i < 256; ++i) ring.add_head(0);
  ring.offer();
  for (int i = 0; i < 256; ++i) {
    ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)), VhostNic::Delivery::kDone);
  }
  EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)),
            VhostNic::Delivery::kNoBuffer);
  EXPECT_TRUE(bench.nic.publish());
}

TEST(VhostHostileRing, MoreThanTheRingIsLongAtATimeEndsIt) {
  NicBench bench({}, {.ring_size = 4});
  ASSERT_TRUE(bench.guest.start());
  FakeRing& ring = bench.guest.rings[0];
  ring.write_descriptor(0, {kIn, 1600, FakeRing::kWrite, 0});
  for (int i = 0; i < 4; ++i) {
    ring.add_head(0);
    ring.offer();
    ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)), VhostNic::Delivery::kDone);
  }
  ring.add_head(0);
  ring.offer();
  EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)),
            VhostNic::Delivery::kNotRunning);
  EXPECT_EQ(bench.nic.trouble(), "queue 0: more chains at a time than its size");
}

// An owner that sends everything back, to the guest that it came from.
class Mirror final : public VhostNicOwner {
 public:
  void nic_kicked(int) override {}
  void nic_has_room(int) override {}
  void nic_received(int, Frame frame) override { nic->deliver(std::move(frame)); }
  void nic_dropped(int, DropReason) override {}
  VhostNic* nic = nullptr;
};

TEST(VhostHostileRing, AGuestMayEndWhileItsOwnFramesAreOnTheirWay) {
  BufferPools pools;
  Mirror mirror;
  VhostNic nic({}, pools, mirror, 0);
  mirror.nic = &nic;
  FakeGuest guest(nic);
  ASSERT_TRUE(guest.start());
  guest.rings[0].add({{kOut, 1600, FakeRing::kWrite, 0}});
  guest.rings[0].offer();
  for (int i = 0; i < 10; ++i) guest.send_frame({}, std::vector<std::byte>(60));
  EXPECT_FALSE(guest.kick(1));
  EXPECT_EQ(nic.trouble(), "queue 0: a buffer outside its memory");
  EXPECT_EQ(nic.counters().resets, 1u);
}

}  // namespace
}  // namespace violin
