#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/nic_bench.hh"

// Kicks and interrupts as events of descriptors, as under the real clock.

namespace violin {
namespace {

using testing::NicBench;

const VhostNicOptions kByDescriptors{.in_band = false};
const testing::FakeGuestOptions kItsGuest{.in_band = false};

bool is_readable(int descriptor) {
  pollfd one{descriptor, POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

TEST(VhostByDescriptors, StartsInTheOrderOfVirtioUml) {
  NicBench bench(kByDescriptors, kItsGuest);
  for (int i = 0; i < testing::FakeGuest::kSteps; ++i) {
    ASSERT_TRUE(bench.guest.step(i)) << i << " " << bench.nic.trouble();
  }
  EXPECT_TRUE(bench.nic.is_running());
}

TEST(VhostByDescriptors, AKickWakesWhoPollsAndIsDealtWith) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  const std::vector<std::byte> frame(60);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(is_readable(bench.nic.descriptor()));
    EXPECT_TRUE(bench.guest.send_frame({}, frame));
    const uint64_t one = 1;
    ASSERT_EQ(::write(bench.guest.kick_event[1].get(), &one, sizeof one), 8);
    EXPECT_TRUE(is_readable(bench.nic.descriptor()));
    bench.nic.read_messages();
    EXPECT_EQ(bench.guest.take_sent(), 1u);
  }
  EXPECT_EQ(bench.owner.frames.size(), 5u);
  EXPECT_EQ(bench.owner.kicks, 0) << "there is no clock to be looked at";
  EXPECT_EQ(bench.nic.counters().kicks, 5u);
}

TEST(VhostByDescriptors, WhatIsLeftForTheNextRoundNeedsNoKick) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  for (int i = 0; i < 200; ++i) bench.guest.send_frame({}, std::vector<std::byte>(60));
  const uint64_t one = 1;
  ASSERT_EQ(::write(bench.guest.kick_event[1].get(), &one, sizeof one), 8);
  for (const size_t sum : {64u, 128u, 192u, 200u}) {
    EXPECT_TRUE(is_readable(bench.nic.descriptor())) << sum;
    bench.nic.read_messages();
    EXPECT_EQ(bench.owner.frames.size(), sum);
  }
  EXPECT_FALSE(is_readable(bench.nic.descriptor()));
  EXPECT_EQ(bench.nic.counters().kicks, 1u);
}

TEST(VhostByDescriptors, AnInterruptIsAnEventOfTheCall) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(8, 1600);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), VhostNic::Delivery::kDone);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), VhostNic::Delivery::kDone);
  EXPECT_TRUE(bench.nic.publish());
  EXPECT_EQ(bench.guest.interrupts(0), 1);
  EXPECT_EQ(bench.guest.take_received().size(), 2u);
}

TEST(VhostByDescriptors, AKickCanBeReplacedAndTheFormerOneSaysNothingMore) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  const FileDescriptor former = std::move(bench.guest.kick_event[1]);
  ASSERT_TRUE(bench.guest.enable(1, false));
  ASSERT_TRUE(bench.guest.enable(1, true));
  const uint64_t one = 1;
  ASSERT_EQ(::write(former.get(), &one, sizeof one), 8);
  EXPECT_FALSE(is_readable(bench.nic.descriptor()));
  bench.guest.send_frame({}, std::vector<std::byte>(60));
  ASSERT_TRUE(bench.guest.kick(1));
  EXPECT_EQ(bench.owner.frames.size(), 1u);
}

TEST(VhostByDescriptors, AQueueWithoutDescriptorsIsLookedAtByWhoCollects) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  const VhostVringDescriptor none{1 | VhostVringDescriptor::kNone};
  ASSERT_TRUE(bench.guest.tell(VhostRequest::kSetVringKick, none));
  ASSERT_TRUE(bench.guest.tell(VhostRequest::kSetVringCall, none));
  ASSERT_TRUE(bench.guest.tell(VhostRequest::kSetVringErr, none));
  bench.guest.send_frame({}, std::vector<std::byte>(60));
  EXPECT_EQ(bench.nic.collect(), 1u);
}

TEST(VhostByDescriptors, AKickThatIsNoneEndsTheGuestAndNobodyWaits) {
  const auto trouble_of = [](FileDescriptor kick) {
    NicBench bench(kByDescriptors, kItsGuest);
    EXPECT_TRUE(bench.guest.start());
    const int number = kick.get();
    bench.guest.tell(VhostRequest::kSetVringKick, VhostVringDescriptor{1}, {&number, 1});
    kick.close();
    for (int i = 0; i < 3; ++i) bench.nic.read_messages();
    EXPECT_FALSE(bench.nic.is_connected());
    return bench.nic.trouble();
  };
  EXPECT_EQ(trouble_of(open_file("/proc/self/exe", O_RDONLY)), "a kick that cannot be waited for");
  // The other end is closed, so that it can be read for ever.
  FileDescriptor reader = make_pipe().first;
  EXPECT_EQ(trouble_of(std::move(reader)), "a kick that cannot be read");
}

TEST(VhostByDescriptors, AKickThatSomebodyElseReadFirstIsNoReasonToWait) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  // Written but with fewer bytes than a kick has, it would be read in vain.
  DescriptorPair pipe = make_pipe();
  const int number = pipe.first.get();
  ASSERT_TRUE(bench.guest.tell(VhostRequest::kSetVringKick, VhostVringDescriptor{1}, {&number, 1}));
  bench.nic.read_messages();
  EXPECT_TRUE(bench.nic.is_connected());
  ASSERT_EQ(::write(pipe.second.get(), "x", 1), 1);
  bench.nic.read_messages();
  EXPECT_EQ(bench.nic.trouble(), "a kick that cannot be read");
}

TEST(VhostByDescriptors, ACallThatIsNoSocketIsRefused) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  const FileDescriptor event(::eventfd(0, EFD_CLOEXEC));
  const int number = event.get();
  EXPECT_FALSE(
      bench.guest.tell(VhostRequest::kSetVringCall, VhostVringDescriptor{0}, {&number, 1}));
  EXPECT_EQ(bench.nic.trouble(), "a call that is no socket");
}

TEST(VhostByDescriptors, ACallThatIsFullOrClosedKeepsNobodyWaiting) {
  NicBench bench(kByDescriptors, kItsGuest);
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(64, 1600);
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) bench.guest.calls[0].close();
    ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), VhostNic::Delivery::kDone);
    bench.nic.publish();
    bench.guest.take_received();
  }
  EXPECT_TRUE(bench.nic.is_running());
  EXPECT_LT(bench.nic.counters().interrupts, 5'000u);
}

TEST(VhostByDescriptors, AGuestMayLeaveAtAnyPoint) {
  for (int steps = 1; steps <= testing::FakeGuest::kSteps; ++steps) {
    NicBench bench(kByDescriptors, kItsGuest);
    for (int i = 0; i < steps; ++i) ASSERT_TRUE(bench.guest.step(i));
    bench.guest.disconnect();
    EXPECT_TRUE(is_readable(bench.nic.descriptor()));
    bench.nic.read_messages();
    EXPECT_FALSE(bench.nic.is_connected()) << steps;
    EXPECT_FALSE(is_readable(bench.nic.descriptor()));
  }
}

}  // namespace
}  // namespace violin
