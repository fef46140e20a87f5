#include "emulator/virtio/vhost_nic.hh"

#include <gtest/gtest.h>

#include "core/segmentation.hh"
#include "tests/support/nic_bench.hh"
#include "tests/support/open_checksum.hh"

namespace violin {
namespace {

using testing::bytes_of;
using testing::checksums_are_right;
using testing::FakeGuest;
using testing::leave_checksum_open;
using testing::NicBench;
using Delivery = VhostNic::Delivery;

constexpr uint64_t bit(int number) { return uint64_t{1} << number; }
constexpr uint64_t kEventIndex = bit(29);
constexpr uint64_t kMrgRxbuf = bit(15);
constexpr uint64_t kGuestCsum = bit(1);
constexpr uint64_t kGuestSuper = bit(7) | bit(8) | bit(54) | bit(55);

// The frame read anew from what a guest got.
Frame frame_of(BufferPools& pools, const FakeGuest::Received& received) {
  return Frame::from_bytes(pools, received.bytes);
}

TEST(VhostNic, AFrameOfTheGuestArrivesByteForByteHoweverItLies) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  const testing::SentShape shapes[] = {{},
                                       {{12}},
                                       {{5}},
                                       {{12, 14}},
                                       {{1, 2, 3, 4, 5, 6}},
                                       {{}, true},
                                       {{12, 20}, true},
                                       {{13, 1}, true},
                                       {{12, 14, 1, 1}, true}};
  for (const testing::SentShape& shape : shapes) {
    for (const uint32_t size : {14u, 60u, 127u, 128u, 129u, 1514u, 2176u, 2177u, 65'549u}) {
      if (size < 60 && shape.parts.size() > 1) continue;
      std::vector<std::byte> bytes(size);
      for (uint32_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + size);
      bench.guest.send_frame({}, bytes, shape);
      ASSERT_TRUE(bench.guest.kick(1)) << bench.nic.trouble();
      ASSERT_EQ(bench.owner.frames.size(), 1u);
      EXPECT_EQ(bytes_of(bench.owner.frames[0]), bytes) << size;
      EXPECT_FALSE(bench.owner.frames[0].checksum_good());
      bench.owner.frames.clear();
      EXPECT_EQ(bench.guest.take_sent(), 1u) << "it is given back with the kick";
    }
  }
  EXPECT_EQ(bench.nic.counters().interrupts, 1u) << "a fresh ring asks for its first entry only";
  EXPECT_EQ(bench.pools.slots_in_use(), 0u);
}

TEST(VhostNic, FramesAreTheOwnersBeforeTheKickIsAnswered) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  EXPECT_EQ(std::exchange(bench.owner.kicks, 0), 1) << "when the queue was enabled";
  const std::vector<std::byte> frame(60);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bench.guest.send_frame({}, frame), i == 0);
  const VhostVringState which{1, 0};
  bench.guest.send(35, std::as_bytes(std::span(&which, 1)));
  EXPECT_FALSE(bench.guest.reply());
  bench.nic.read_messages();
  EXPECT_EQ(bench.owner.kicks, 1);
  EXPECT_EQ(bench.owner.frames.size(), 5u);
  EXPECT_TRUE(bench.guest.reply());
  // Room for what it receives is none of the owner's business.
  EXPECT_TRUE(bench.guest.kick(0));
  EXPECT_EQ(bench.owner.kicks, 1);
  EXPECT_EQ(bench.nic.counters().kicks, 2u);
}

TEST(VhostNic, ChecksumsLeftOpenAreFinishedAndSuperFramesStayWhole) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  for (const bool v6 : {false, true}) {
    for (const uint8_t protocol : {ip_protocol::kTcp, ip_protocol::kUdp}) {
      Frame frame = bench.packet(protocol, 777, v6);
      const std::vector<std::byte> finished = bytes_of(frame);
      const VnetHeader header = leave_checksum_open(frame);
      bench.guest.send_frame(header, bytes_of(frame));
      ASSERT_TRUE(bench.guest.kick(1));
      ASSERT_EQ(bench.owner.frames.size(), 1u);
      EXPECT_EQ(bytes_of(bench.owner.frames[0]), finished);
      EXPECT_TRUE(bench.owner.frames[0].checksum_good());
      bench.owner.frames.clear();

      Frame super = bench.packet(protocol, 40'000, v6);
      VnetHeader its = leave_checksum_open(super);
      its.gso_size = 1400;
      its.gso_type = protocol == ip_protocol::kUdp ? VnetHeader::kGsoUdpL4
                     : v6                          ? VnetHeader::kGsoTcpV6
                                                   : VnetHeader::kGsoTcpV4;
      bench.guest.send_frame(its, bytes_of(super));
      ASSERT_TRUE(bench.guest.kick(1));
      ASSERT_EQ(bench.owner.frames.size(), 1u);
      EXPECT_EQ(bench.owner.frames[0].gso_size(), 1400);
      segment(std::move(bench.owner.frames[0]),
              [](const Frame& part) { EXPECT_TRUE(checksums_are_right(part)); });
      bench.owner.frames.clear();
    }
  }
}

TEST(VhostNic, AGuestDoesNotSayWhatChecksumsAreRight) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  VnetHeader header;
  header.flags = VnetHeader::kDataValid;
  bench.guest.send_frame(header, bytes_of(bench.packet(ip_protocol::kUdp, 100)));
  ASSERT_TRUE(bench.guest.kick(1));
  EXPECT_FALSE(bench.owner.frames.at(0).checksum_good());
}

TEST(VhostNic, WhatIsNoFrameIsDroppedWithAReasonAndTheRestGoesOn) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  const std::vector<std::byte> short_one(13), long_one(65'554);
  bench.guest.send_frame({}, short_one);
  bench.guest.send_frame({}, long_one);
  bench.guest.rings[1].add({{FakeGuest::kBase, 11, 0, 0}});  // shorter than its header
  VnetHeader beyond;
  beyond.flags = VnetHeader::kNeedsChecksum;
  beyond.csum_start = 60'000;
  bench.guest.send_frame(beyond, bytes_of(bench.packet(ip_protocol::kUdp, 100)));
  // More segments than any kernel makes.
  Frame super = bench.packet(ip_protocol::kTcp, 60'000);
  VnetHeader header = leave_checksum_open(super);
  header.gso_size = 8;
  header.gso_type = VnetHeader::kGsoTcpV4;
  bench.guest.send_frame(header, bytes_of(super));
  bench.guest.send_frame({}, bytes_of(bench.packet(ip_protocol::kUdp, 100)));
  ASSERT_TRUE(bench.guest.kick(1));
  EXPECT_EQ(bench.owner.drops, std::vector<DropReason>(5, DropReason::kMalformed));
  EXPECT_EQ(bench.owner.frames.size(), 1u);
  EXPECT_EQ(bench.guest.take_sent(), 6u);
  EXPECT_TRUE(bench.nic.is_running());
}

TEST(VhostNic, WithoutMemoryAFrameIsDroppedAndCounted) {
  NicBench bench({}, {}, {.frames = 2});
  ASSERT_TRUE(bench.guest.start());
  const std::vector<std::byte> frame(60);
  for (int i = 0; i < 3; ++i) bench.guest.send_frame({}, frame);
  ASSERT_TRUE(bench.guest.kick(1));
  EXPECT_EQ(bench.owner.frames.size(), 2u);
  EXPECT_EQ(bench.owner.drops, std::vector<DropReason>{DropReason::kNoBuffer});
  EXPECT_EQ(bench.guest.take_sent(), 3u);
}

TEST(VhostNic, FramesAreTakenWithoutAKickToo) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.nic.set_kicks(false);
  const std::vector<std::byte> frame(60);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(bench.guest.send_frame({}, frame)) << "nobody wants a kick";
    EXPECT_EQ(bench.nic.collect(), 1u);
    EXPECT_EQ(bench.guest.take_sent(), 1u);
  }
  bench.nic.set_kicks(true);
  EXPECT_EQ(bench.nic.collect(), 0u);
  EXPECT_TRUE(bench.guest.send_frame({}, frame));
}

TEST(VhostNic, MoreFramesThanIndicesHaveNumbers) {
  for (const uint64_t without : {uint64_t{0}, kEventIndex}) {
    NicBench bench({}, {.ring_size = 16, .features = ~without, .first_index = 65'500});
    ASSERT_TRUE(bench.guest.start());
    bench.guest.give_buffers(16, 1600);
    std::vector<std::byte> bytes(60);
    for (uint32_t i = 0; i < 70'000; ++i) {
      std::memcpy(bytes.data(), &i, sizeof i);
      bench.guest.send_frame({}, bytes);
      ASSERT_EQ(bench.nic.collect(), 1u) << i;
      ASSERT_EQ(bench.guest.take_sent(), 1u);
      ASSERT_EQ(bench.nic.deliver(std::move(bench.owner.frames[0])), Delivery::kDone) << i;
      bench.owner.frames.clear();
      ASSERT_TRUE(bench.nic.publish());
      const auto received = bench.guest.take_received();
      ASSERT_EQ(received.size(), 1u);
      ASSERT_EQ(received[0].bytes, bytes);
      if (i % 100 == 0) bench.guest.interrupts(0);
    }
    EXPECT_EQ(bench.nic.trouble(), "");
  }
}

// ---- to the guest -----------------------------------------------------------------------------

TEST(VhostNic, AFrameIsSeenByTheGuestWhenItIsPublished) {
  NicBench bench;
  EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 10)), Delivery::kNotRunning);
  ASSERT_TRUE(bench.guest.start());
  EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 10)), Delivery::kNoBuffer);
  bench.guest.give_buffers(8, 2048);
  EXPECT_FALSE(bench.guest.rings[0].wants_kick()) << "nobody waits for room";
  const Frame frame = bench.packet(ip_protocol::kUdp, 1000);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(bench.nic.deliver(frame.clone()), Delivery::kDone);
  EXPECT_TRUE(bench.guest.take_received().empty());
  EXPECT_EQ(bench.guest.interrupts(0), 0);
  EXPECT_TRUE(bench.nic.publish());
  EXPECT_FALSE(bench.nic.publish());
  EXPECT_EQ(bench.guest.interrupts(0), 1) << "one for all of them";
  const auto received = bench.guest.take_received();
  ASSERT_EQ(received.size(), 3u);
  for (const FakeGuest::Received& one : received) {
    EXPECT_EQ(one.bytes, bytes_of(frame));
    EXPECT_EQ(one.header.num_buffers, 1);
    EXPECT_EQ(one.header.flags, VnetHeader::kDataValid);
  }
}

TEST(VhostNic, AFullRingTakesNothingMoreAndLosesNothing) {
  NicBench bench({}, {.ring_size = 4});
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(4, 600);
  const Frame small = bench.packet(ip_protocol::kUdp, 100);
  const Frame large = bench.packet(ip_protocol::kUdp, 1400);  // three buffers
  ASSERT_EQ(bench.nic.deliver(small.clone()), Delivery::kDone);
  ASSERT_EQ(bench.nic.deliver(small.clone()), Delivery::kDone);
  EXPECT_EQ(bench.nic.deliver(large.clone()), Delivery::kNoBuffer);
  EXPECT_EQ(bench.nic.deliver(small.clone()), Delivery::kDone) << "its buffers are free again";
  ASSERT_EQ(bench.nic.deliver(small.clone()), Delivery::kDone);
  EXPECT_EQ(bench.nic.deliver(small.clone()), Delivery::kNoBuffer);
  bench.nic.publish();
  const auto received = bench.guest.take_received();
  ASSERT_EQ(received.size(), 4u);
  for (const auto& one : received) EXPECT_EQ(one.bytes, bytes_of(small));
  EXPECT_EQ(bench.nic.deliver(large.clone()), Delivery::kDone);
  bench.nic.publish();
  EXPECT_EQ(bench.guest.take_received().at(0).bytes, bytes_of(large));
}

TEST(VhostNic, ALongFrameLiesInSeveralBuffers) {
  for (const uint32_t buffer : {12u, 13u, 100u, 1536u, 4096u}) {
    NicBench bench;
    ASSERT_TRUE(bench.guest.start());
    bench.guest.give_buffers(256, buffer);
    for (const uint32_t payload : {1u, 1400u, 2500u}) {
      Frame frame = bench.packet(ip_protocol::kUdp, payload);
      const std::vector<std::byte> bytes = bytes_of(frame);
      ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kDone);
      bench.nic.publish();
      const auto received = bench.guest.take_received();
      ASSERT_EQ(received.size(), 1u);
      EXPECT_EQ(received[0].bytes, bytes);
      const size_t whole = sizeof(VnetHeader) + bytes.size();
      EXPECT_EQ(received[0].header.num_buffers, (whole + buffer - 1) / buffer);
    }
  }
}

TEST(VhostNic, WithoutMergingAFrameThatDoesNotFitIsNotDelivered) {
  NicBench bench({}, {.features = ~kMrgRxbuf});
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(8, 1600);
  EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1600)), Delivery::kRefused)
      << "however long it waited";
  const Frame fits = bench.packet(ip_protocol::kUdp, 1500);
  EXPECT_EQ(bench.nic.deliver(fits.clone()), Delivery::kDone);
  bench.nic.publish();
  EXPECT_EQ(bench.guest.take_received().at(0).bytes, bytes_of(fits));
}

TEST(VhostNic, AFrameThatWaitsForRoomIsToldOfWhenThereIsMoreThanThereWas) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(1, 600);
  Frame frame = bench.packet(ip_protocol::kUdp, 1500);
  const Frame same = frame.clone();
  bench.owner.rooms = 0;
  ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kNoBuffer);
  EXPECT_TRUE(bench.nic.awaits_room()) << "one buffer is there, but it was not enough";
  bench.guest.give_buffers(1, 600);
  EXPECT_FALSE(bench.nic.awaits_room());
  ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kNoBuffer);
  EXPECT_TRUE(bench.nic.awaits_room());
  bench.guest.give_buffers(1, 600);
  bench.guest.kick(0);
  EXPECT_EQ(bench.owner.rooms, 1);
  ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kDone);
  bench.nic.publish();
  EXPECT_EQ(bench.guest.take_received().at(0).bytes, bytes_of(same));
}

TEST(VhostNic, ASuperFrameGoesToTheGuestAsOne) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(64, 1536);
  for (const bool v6 : {false, true}) {
    Frame frame = bench.packet(ip_protocol::kTcp, 30'000, v6);
    frame.set_gso_size(1448);
    const size_t size = frame.size();
    std::vector<std::vector<std::byte>> wanted;
    segment(frame.clone(), [&](const Frame& part) { wanted.push_back(bytes_of(part)); });
    ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kDone);
    ASSERT_TRUE(bench.nic.publish());
    const auto received = bench.guest.take_received();
    ASSERT_EQ(received.size(), 1u);
    const VnetHeader& header = received[0].header;
    EXPECT_EQ(received[0].bytes.size(), size);
    EXPECT_EQ(header.num_buffers, (size + 12 + 1535) / 1536);
    EXPECT_EQ(header.gso_size, 1448);
    EXPECT_EQ(header.gso_type, v6 ? VnetHeader::kGsoTcpV6 : VnetHeader::kGsoTcpV4);
    EXPECT_EQ(header.flags, VnetHeader::kNeedsChecksum);
    // What its kernel makes of it are the segments.
    Frame again = frame_of(bench.pools, received[0]);
    ASSERT_TRUE(finish_received(again, header));
    size_t i = 0;
    segment(std::move(again),
            [&](const Frame& part) { EXPECT_EQ(bytes_of(part), wanted.at(i++)); });
  }
}

TEST(VhostNic, AGuestThatTakesNoSuperFramesGetsItsSegments) {
  for (const uint64_t without : {kGuestSuper, kGuestSuper | kGuestCsum}) {
    NicBench bench({}, {.features = ~without});
    ASSERT_TRUE(bench.guest.start());
    bench.guest.give_buffers(10, 1600);
    for (const uint8_t protocol : {ip_protocol::kTcp, ip_protocol::kUdp}) {
      Frame frame = bench.packet(protocol, 10'000);
      frame.set_gso_size(1400);
      ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kDone);
      bench.nic.publish();
      const auto received = bench.guest.take_received();
      EXPECT_EQ(received.size(), 8u);
      for (const FakeGuest::Received& one : received) {
        EXPECT_EQ(one.header.gso_type, VnetHeader::kGsoNone);
        EXPECT_EQ(one.header.flags, (without & kGuestCsum) != 0 ? 0 : VnetHeader::kDataValid);
        EXPECT_TRUE(checksums_are_right(frame_of(bench.pools, one)));
      }
      // All of them or none.
      Frame longer = bench.packet(protocol, 16'000);
      longer.set_gso_size(1400);
      EXPECT_EQ(bench.nic.deliver(std::move(longer)), Delivery::kNoBuffer);
      EXPECT_FALSE(bench.nic.publish());
    }
  }
}

TEST(VhostNic, CongestionMarksInSuperFramesGoOnlyToWhoKnowsThem) {
  for (const bool knows : {true, false}) {
    NicBench bench({}, {.features = knows ? ~uint64_t{0} : ~bit(9)});
    ASSERT_TRUE(bench.guest.start());
    bench.guest.give_buffers(20, 1600);
    testing::PacketBuilder builder;
    builder.payload_size = 5000;
    builder.tcp.flags = TcpHeader::kAck | TcpHeader::kCwr;
    Frame frame = builder.build(bench.pools);
    frame.set_gso_size(1400);
    ASSERT_EQ(bench.nic.deliver(std::move(frame)), Delivery::kDone);
    bench.nic.publish();
    EXPECT_EQ(bench.guest.take_received().size(), knows ? 1u : 4u);
  }
}

TEST(VhostNic, InterruptsAreRaisedWhenTheGuestWantsThem) {
  for (const uint64_t without : {uint64_t{0}, kEventIndex}) {
    NicBench bench({}, {.features = ~without});
    ASSERT_TRUE(bench.guest.start());
    bench.guest.give_buffers(64, 1600);
    const auto deliver_one = [&] {
      EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), Delivery::kDone);
      return bench.nic.publish();
    };
    EXPECT_TRUE(deliver_one());
    // A driver that polls: it has switched interrupts off.
    bench.guest.rings[0].set_available_flags(1);
    EXPECT_FALSE(deliver_one());
    EXPECT_FALSE(deliver_one());
    EXPECT_EQ(bench.guest.interrupts(0), 1);
    bench.guest.rings[0].set_available_flags(0);
    EXPECT_EQ(bench.guest.take_received().size(), 3u);
    EXPECT_TRUE(deliver_one());
    EXPECT_EQ(bench.nic.counters().interrupts, 2u);
  }
}

TEST(VhostNic, InterruptsAreConfirmedWhenThatIsAskedFor) {
  NicBench bench({.confirm_interrupts = true});
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(8, 1600);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), Delivery::kDone);
  EXPECT_EQ(bench.nic.answers_due(), 0);
  ASSERT_TRUE(bench.nic.publish());
  EXPECT_EQ(bench.nic.answers_due(), 1);
  bench.nic.read_answers();
  EXPECT_EQ(bench.nic.answers_due(), 1);
  EXPECT_EQ(bench.guest.interrupts(0), 1);
  bench.nic.read_answers();
  EXPECT_EQ(bench.nic.answers_due(), 0);
  EXPECT_TRUE(bench.nic.is_running());
}

TEST(VhostNic, AGuestThatDoesNotLookAtItsInterruptsKeepsNobodyWaiting) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(64, 1600);
  int told = 0;
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), Delivery::kDone);
    told += bench.nic.publish();
    bench.guest.take_received();
  }
  EXPECT_LT(told, 10'000);
  EXPECT_EQ(bench.guest.interrupts(0), told);
  EXPECT_TRUE(bench.nic.is_running());
}

}  // namespace
}  // namespace violin
