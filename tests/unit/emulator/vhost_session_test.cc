#include "emulator/virtio/vhost_session.hh"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>

#include "core/byte_order.hh"
#include "tests/support/fake_guest.hh"

namespace violin {
namespace {

using testing::FakeGuest;
using testing::RecordingNicOwner;

struct Bench {
  explicit Bench(VhostNicOptions options = {}) : nic(options, pools, owner, 3) {}
  BufferPools pools;
  RecordingNicOwner owner;
  VhostNic nic;
};

TEST(VhostSession, StartsInTheOrderOfVirtioUml) {
  Bench bench;
  FakeGuest guest(bench.nic);
  for (int i = 0; i < FakeGuest::kSteps; ++i) {
    EXPECT_FALSE(bench.nic.is_running() && i <= 13);
    ASSERT_TRUE(guest.step(i)) << i << " " << bench.nic.trouble();
  }
  EXPECT_TRUE(bench.nic.is_running());
  EXPECT_EQ(bench.nic.trouble(), "");
  EXPECT_EQ(bench.nic.counters().refused, 0u);
}

TEST(VhostSession, EveryFeatureIsOfferedUnlessLeftOut) {
  constexpr uint64_t kOffloads = 1ull << 0 | 1ull << 1 | 1ull << 7 | 1ull << 8 | 1ull << 9 |
                                 1ull << 11 | 1ull << 12 | 1ull << 13 | 1ull << 54 | 1ull << 55 |
                                 1ull << 56;
  constexpr uint64_t kRest = 1ull << 3 | 1ull << 5 | 1ull << 15 | 1ull << 16 | 1ull << 28 |
                             1ull << 29 | 1ull << 30 | 1ull << 32;
  const auto offered = [](const VhostNicOptions& options) {
    Bench bench(options);
    FakeGuest guest(bench.nic);
    guest.connect();
    return guest.ask(VhostRequest::kGetFeatures)->number();
  };
  EXPECT_EQ(offered({}), kOffloads | kRest);
  EXPECT_EQ(offered({.offloads = false}), kRest);
  EXPECT_EQ(offered({.withheld = 1ull << 29 | 1ull << 11}),
            (kOffloads | kRest) & ~(1ull << 29 | 1ull << 11));
}

TEST(VhostSession, ConfigurationSaysAddressLinkAndMtu) {
  Bench bench({.mac = MacAddress::from_bits(0x02'11'22'33'44'55), .mtu = 1400});
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  const std::vector<std::byte> config = guest.config(12);
  ASSERT_EQ(config.size(), 12u);
  EXPECT_EQ(load_be48(config.data()), 0x02'11'22'33'44'55u);
  const auto little = [&](size_t at) { return int(config[at]) | int(config[at + 1]) << 8; };
  EXPECT_EQ(little(6), 1);
  EXPECT_EQ(little(10), 1400);
  // Behind its end there are zeros, and nothing behind what can be asked for.
  const std::vector<std::byte> all = guest.config(256);
  ASSERT_EQ(all.size(), 256u);
  EXPECT_EQ(all[200], std::byte{0});
  struct {
    VhostConfigRange range{257, 4, 0};
    uint32_t room = 0;
  } beyond;
  const auto answer = guest.ask(VhostRequest::kGetConfig, beyond);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->payload.size(), 0u);
  EXPECT_TRUE(bench.nic.is_connected());
}

TEST(VhostSession, TheCableCanBePulledAndTheGuestIsTold) {
  Bench bench;
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  bench.nic.set_carrier(false);
  bench.nic.set_carrier(false);
  guest.interrupts(0);
  EXPECT_EQ(guest.config_changes, 1);
  EXPECT_EQ(guest.config(8)[6], std::byte{0});
  bench.nic.set_carrier(true);
  guest.interrupts(0);
  EXPECT_EQ(guest.config_changes, 2);
  EXPECT_EQ(guest.config(8)[6], std::byte{1});
}

TEST(VhostSession, WhatNobodyUnderstandsIsRefusedAndTheGuestGoesOn) {
  Bench bench;
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  const uint64_t number = 0;
  for (const uint32_t request : {6u, 7u, 19u, 20u, 22u, 23u, 25u, 34u, 77u, 0u, 0xffff'ffffu}) {
    guest.send(request, std::as_bytes(std::span(&number, 1)));
    bench.nic.read_messages();
    const auto answer = guest.reply();
    ASSERT_TRUE(answer) << request;
    EXPECT_EQ(answer->number(), 1u) << request;
    EXPECT_EQ(answer->header.request, request);
    EXPECT_EQ(answer->header.flags, 5u);
    // And nothing is said to who does not ask.
    guest.send(request, std::as_bytes(std::span(&number, 1)), {}, VhostHeader::kVersion);
    bench.nic.read_messages();
    EXPECT_FALSE(guest.reply()) << request;
  }
  EXPECT_EQ(bench.nic.counters().refused, 22u);
  EXPECT_TRUE(bench.nic.is_running());
}

TEST(VhostSession, AMessageMayComeByteByByte) {
  Bench bench;
  FakeGuest guest(bench.nic);
  guest.connect();
  const VhostHeader header{static_cast<uint32_t>(VhostRequest::kSetProtocolFeatures),
                           FakeGuest::kNeedReply, 8};
  std::array<std::byte, 20> bytes{};
  std::memcpy(bytes.data(), &header, sizeof header);
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(guest.reply());
    guest.send_raw({&bytes[i], 1});
    bench.nic.read_messages();
  }
  ASSERT_TRUE(guest.reply());
  EXPECT_TRUE(bench.nic.is_connected());
}

TEST(VhostSession, ARingSaysWhereItStoppedAndGoesOnThere) {
  Bench bench;
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  std::vector<std::byte> frame(60);
  for (int i = 0; i < 3; ++i) guest.send_frame({}, frame);
  ASSERT_TRUE(guest.kick(1));
  const auto base = guest.ask(VhostRequest::kGetVringBase, VhostVringState{1, 0});
  ASSERT_TRUE(base);
  EXPECT_EQ(base->number(), uint64_t{3} << 32 | 1);
  guest.send_frame({}, frame);
  ASSERT_TRUE(guest.kick(1));
  EXPECT_EQ(bench.owner.frames.size(), 3u) << "a ring that is stopped is not read";
  ASSERT_TRUE(guest.enable(1, true));
  EXPECT_EQ(bench.owner.frames.size(), 4u) << "what was sent meanwhile is read at once";
  EXPECT_EQ(guest.take_sent(), 4u);
}

TEST(VhostSession, ADriverMayBeTakenOffAndPutOnAgain) {
  Bench bench;
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  std::vector<std::byte> frame(60);
  guest.send_frame({}, frame);
  ASSERT_TRUE(guest.kick(1));
  ASSERT_TRUE(guest.enable(1, false));
  ASSERT_TRUE(guest.enable(0, false));
  EXPECT_FALSE(bench.nic.is_running());
  EXPECT_EQ(bench.nic.deliver(Frame::from_bytes(bench.pools, frame)),
            VhostNic::Delivery::kNotRunning);
  ASSERT_TRUE(guest.ask(VhostRequest::kGetFeatures));
  for (FakeGuest* which = &guest; testing::FakeRing & ring : which->rings) ring.begin_at(0);
  for (int i = 6; i < FakeGuest::kSteps; ++i) ASSERT_TRUE(guest.step(i)) << i;
  guest.send_frame({}, frame);
  ASSERT_TRUE(guest.kick(1));
  EXPECT_EQ(bench.owner.frames.size(), 2u);
}

TEST(VhostSession, RingsStopWhenTheOwnerIsReset) {
  Bench bench;
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  ASSERT_TRUE(guest.tell(VhostRequest::kResetOwner));
  EXPECT_FALSE(bench.nic.is_running());
  EXPECT_TRUE(bench.nic.is_connected());
}

TEST(VhostSession, AGuestMayLeaveAtAnyPointAndAnotherOneCome) {
  Bench bench;
  for (int steps = 1; steps <= FakeGuest::kSteps; ++steps) {
    FakeGuest guest(bench.nic);
    for (int i = 0; i < steps; ++i) ASSERT_TRUE(guest.step(i)) << i << bench.nic.trouble();
    guest.disconnect();
    bench.nic.read_messages();
    EXPECT_FALSE(bench.nic.is_connected()) << steps;
    EXPECT_FALSE(bench.nic.is_running());
    EXPECT_EQ(bench.nic.descriptor(), -1);
    bench.nic.read_messages();
    EXPECT_EQ(bench.nic.collect(), 0u);
    EXPECT_FALSE(bench.nic.publish());
  }
  EXPECT_EQ(bench.nic.trouble(), "");
  EXPECT_EQ(bench.nic.counters().resets, 0u);
}

TEST(VhostSession, AnInterfaceCanBeTakenAwayFromItsGuest) {
  Bench bench;
  FakeGuest guest(bench.nic);
  ASSERT_TRUE(guest.start());
  bench.nic.disconnect();
  EXPECT_FALSE(bench.nic.is_connected());
  // By this virtio_uml learns it: both ends are closed.
  std::byte byte;
  EXPECT_EQ(::recv(guest.socket.get(), &byte, 1, MSG_DONTWAIT), 0);
  EXPECT_EQ(::recv(guest.requests.get(), &byte, 1, MSG_DONTWAIT), 0);
  bench.nic.disconnect();
  EXPECT_EQ(bench.nic.counters().resets, 0u);
  FakeGuest next(bench.nic);
  EXPECT_TRUE(next.start());
}

TEST(VhostSession, AGuestThatLeavesInTheMiddleOfAMessageIsGone) {
  Bench bench;
  FakeGuest guest(bench.nic);
  guest.connect();
  const std::array<std::byte, 5> some{};
  guest.send_raw(some);
  guest.disconnect();
  bench.nic.read_messages();
  EXPECT_FALSE(bench.nic.is_connected());
  EXPECT_EQ(bench.nic.counters().resets, 0u);
  // Nothing of it is left for the next one.
  FakeGuest next(bench.nic);
  EXPECT_TRUE(next.start());
}

}  // namespace
}  // namespace violin
