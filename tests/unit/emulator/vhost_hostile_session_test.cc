#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "tests/support/nic_bench.hh"

// A guest that says what no guest may say is cut off, with the reason, and nobody else notices.

namespace violin {
namespace {

using testing::FakeGuest;
using testing::NicBench;

struct BigTable {
  uint32_t count = 1;
  uint32_t padding = 0;
  MemoryRegion regions[8];
};

size_t open_descriptors() {
  size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

// Why a guest that had started is cut off for this.
std::string trouble_of(const std::function<void(FakeGuest&)>& misdeed, int steps = 15) {
  const size_t before = open_descriptors();
  std::string trouble;
  {
    NicBench bench;
    for (int i = 0; i < steps; ++i) EXPECT_TRUE(bench.guest.step(i)) << i;
    misdeed(bench.guest);
    bench.nic.read_messages();
    EXPECT_FALSE(bench.nic.is_connected());
    EXPECT_FALSE(bench.nic.is_running());
    EXPECT_EQ(bench.nic.counters().resets, 1u);
    trouble = bench.nic.trouble();
    // Another guest is served as if nothing had been.
    FakeGuest next(bench.nic);
    EXPECT_TRUE(next.start());
  }
  EXPECT_EQ(open_descriptors(), before);
  return trouble;
}

template <class Payload>
std::function<void(FakeGuest&)> says(VhostRequest request, const Payload& payload) {
  return [=](FakeGuest& guest) { EXPECT_FALSE(guest.ask(request, payload)); };
}

TEST(VhostHostileSession, AMessageOfAWrongSizeIsTheLast) {
  const std::array<std::byte, 269> bytes{};
  for (const VhostRequest request :
       {VhostRequest::kGetFeatures, VhostRequest::kSetFeatures, VhostRequest::kSetOwner,
        VhostRequest::kResetOwner, VhostRequest::kSetMemTable, VhostRequest::kSetVringNum,
        VhostRequest::kSetVringAddr, VhostRequest::kSetVringBase, VhostRequest::kGetVringBase,
        VhostRequest::kSetVringKick, VhostRequest::kSetVringCall, VhostRequest::kSetVringErr,
        VhostRequest::kGetProtocolFeatures, VhostRequest::kSetProtocolFeatures,
        VhostRequest::kGetQueueNum, VhostRequest::kSetVringEnable,
        VhostRequest::kSetBackendRequestFd, VhostRequest::kGetConfig, VhostRequest::kVringKick}) {
    for (const size_t size : {size_t{1}, size_t{7}, size_t{9}, size_t{268}}) {
      const std::string trouble = trouble_of([&](FakeGuest& guest) {
        guest.send(static_cast<uint32_t>(request), std::span(bytes).first(size));
      });
      EXPECT_NE(trouble, "") << static_cast<uint32_t>(request) << " " << size;
    }
  }
  EXPECT_EQ(trouble_of([&](FakeGuest& guest) { guest.send(1, bytes); }),
            "a message that is too long");
  EXPECT_EQ(trouble_of([&](FakeGuest& guest) { guest.send(77, bytes); }),
            "a message that is too long");
  EXPECT_EQ(trouble_of([&](FakeGuest& guest) {
              const VhostHeader huge{1, 1, 0xffff'ffff};
              guest.send_raw(std::as_bytes(std::span(&huge, 1)));
            }),
            "a message that is too long");
}

TEST(VhostHostileSession, AMessageOfAnotherVersionIsTheLast) {
  for (const uint32_t flags : {0u, 2u, 3u, 5u, 13u}) {
    EXPECT_EQ(trouble_of([&](FakeGuest& guest) { guest.send(1, {}, {}, flags); }),
              "a message of an unknown version");
  }
}

TEST(VhostHostileSession, FeaturesAreThoseThatWereOffered) {
  constexpr uint64_t kGood = 1ull << 30 | 1ull << 32;
  const auto set = [](uint64_t features) { return says(VhostRequest::kSetFeatures, features); };
  EXPECT_EQ(trouble_of(set(kGood | 1ull << 17), 9), "features that were not offered");
  EXPECT_EQ(trouble_of(set(~uint64_t{0}), 9), "features that were not offered");
  EXPECT_EQ(trouble_of(set(1ull << 30), 9), "it does not speak virtio 1");
  EXPECT_EQ(trouble_of(set(1ull << 32), 9), "it does not speak virtio 1");
  EXPECT_EQ(trouble_of(set(kGood)), "other features while a queue is enabled");
  EXPECT_EQ(trouble_of(says(VhostRequest::kSetProtocolFeatures, uint64_t{1}), 4),
            "protocol features that were not offered");
}

TEST(VhostHostileSession, QueuesNeedWhatTheyAreMadeOf) {
  const auto enable = [](uint32_t queue) {
    return says(VhostRequest::kSetVringEnable, VhostVringState{queue, 1});
  };
  EXPECT_EQ(trouble_of(enable(0), 9), "a queue before features were agreed on");
  EXPECT_EQ(trouble_of(enable(0), 10), "queue 0: a ring of impossible size");
  EXPECT_EQ(trouble_of(enable(1), 12), "queue 1: a ring of impossible size");
  EXPECT_EQ(trouble_of(enable(2)), "a queue that is not there");
  EXPECT_EQ(trouble_of(enable(0xffff'ffff)), "a queue that is not there");
  EXPECT_EQ(trouble_of(
                [](FakeGuest& guest) {
                  EXPECT_TRUE(guest.tell(VhostRequest::kSetProtocolFeatures, uint64_t{1} << 3));
                  guest.enable(0, true);
                },
                13),
            "it cannot notify in band");
  // Rings without memory.
  EXPECT_EQ(trouble_of(
                [](FakeGuest& guest) {
                  EXPECT_TRUE(guest.tell_ring(0));
                  guest.enable(0, true);
                },
                10),
            "queue 0: a ring outside its memory");
}

TEST(VhostHostileSession, RingsLieInMemoryAndAreAligned) {
  const auto at = [](uint64_t descriptors, uint64_t available, uint64_t used) {
    return [=](FakeGuest& guest) {
      EXPECT_TRUE(guest.tell_ring(0));
      const VhostVringAddress address{0, 0, descriptors, used, available, 0};
      EXPECT_TRUE(guest.tell(VhostRequest::kSetVringAddr, address));
      guest.enable(0, true);
    };
  };
  const uint64_t in = FakeGuest::kUserBase;
  const std::string outside = "queue 0: a ring outside its memory";
  EXPECT_EQ(trouble_of(at(in - 16, in, in), 11), outside);
  EXPECT_EQ(trouble_of(at(in, in + FakeGuest::kMemory - 2, in), 11), outside);
  EXPECT_EQ(trouble_of(at(in, in, ~uint64_t{0} - 3), 11), outside);
  EXPECT_EQ(trouble_of(at(FakeGuest::kBase, in, in), 11), outside);
  EXPECT_EQ(trouble_of(at(in + 8, in, in), 11), "queue 0: a misaligned ring");
  EXPECT_EQ(trouble_of(at(in, in + 1, in), 11), "queue 0: a misaligned ring");
  EXPECT_EQ(trouble_of(at(in, in, in + 2), 11), "queue 0: a misaligned ring");
}

TEST(VhostHostileSession, AQueueInUseIsNotChanged) {
  const std::string trouble = "a ring that is changed while it is enabled";
  EXPECT_EQ(trouble_of(says(VhostRequest::kSetVringNum, VhostVringState{0, 8})), trouble);
  EXPECT_EQ(trouble_of(says(VhostRequest::kSetVringBase, VhostVringState{1, 8})), trouble);
  EXPECT_EQ(trouble_of(says(VhostRequest::kSetVringAddr, VhostVringAddress{1})), trouble);
  EXPECT_EQ(trouble_of([](FakeGuest& guest) { guest.tell_memory(); }),
            "other memory while a queue is enabled");
}

TEST(VhostHostileSession, SizesOfRingsArePowersOfTwo) {
  for (const uint32_t size : {0u, 3u, 255u, 2048u, 65'536u, ~0u}) {
    EXPECT_EQ(trouble_of(says(VhostRequest::kSetVringNum, VhostVringState{0, size}), 11),
              "a ring of impossible size");
  }
  for (const VhostRequest request : {VhostRequest::kSetVringNum, VhostRequest::kSetVringBase,
                                     VhostRequest::kGetVringBase, VhostRequest::kVringKick}) {
    EXPECT_EQ(trouble_of(says(request, VhostVringState{2, 1}), 11), "a queue that is not there");
  }
}

// ---- descriptors ------------------------------------------------------------------------------

TEST(VhostHostileSession, DescriptorsAreThereWhereTheyBelongAndNowhereElse) {
  const std::string ring = "a ring's descriptor that is missing, or not to be there";
  for (const VhostRequest request : {VhostRequest::kSetVringKick, VhostRequest::kSetVringCall}) {
    EXPECT_EQ(trouble_of(says(request, VhostVringDescriptor{0})), ring);
    EXPECT_EQ(trouble_of([&](FakeGuest& guest) {
                const int one = guest.memory_file.get();
                guest.tell(request, VhostVringDescriptor{0x100}, {&one, 1});
              }),
              ring);
    EXPECT_EQ(trouble_of(says(request, VhostVringDescriptor{0x1ff})), "a queue that is not there");
  }
  EXPECT_EQ(trouble_of([](FakeGuest& guest) {
              guest.send(static_cast<uint32_t>(VhostRequest::kSetBackendRequestFd), {});
            }),
            "a request channel without its descriptor");
  EXPECT_EQ(trouble_of([](FakeGuest& guest) {
              const int one = guest.memory_file.get();
              guest.send(static_cast<uint32_t>(VhostRequest::kSetBackendRequestFd), {}, {&one, 1});
            }),
            "a request channel that is no socket");
  EXPECT_EQ(trouble_of([](FakeGuest& guest) {
              const int one = guest.memory_file.get();
              guest.send(static_cast<uint32_t>(VhostRequest::kSetOwner), {}, {&one, 1});
            }),
            "message 3 has too many descriptors");
}

TEST(VhostHostileSession, TooManyDescriptorsAreAllClosedAgain) {
  for (const size_t count : {size_t{9}, size_t{64}}) {
    EXPECT_EQ(trouble_of([&](FakeGuest& guest) {
                const std::vector<int> many(count, guest.memory_file.get());
                guest.send(static_cast<uint32_t>(VhostRequest::kSetMemTable), {}, many);
              }),
              "too many descriptors with a message");
  }
  // A few with each byte.
  EXPECT_EQ(trouble_of([&](FakeGuest& guest) {
              const std::vector<int> some(5, guest.memory_file.get());
              const std::byte zero{};
              for (int i = 0; i < 2; ++i) guest.send_raw({&zero, 1}, some);
            }),
            "too many descriptors with a message");
}

TEST(VhostHostileSession, DescriptorsOfAnUnknownMessageAreClosed) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  const size_t before = open_descriptors();
  const std::vector<int> some(8, bench.guest.memory_file.get());
  for (int i = 0; i < 10; ++i) {
    bench.guest.send(77, {}, some);
    bench.nic.read_messages();
    ASSERT_TRUE(bench.guest.reply());
  }
  EXPECT_LE(open_descriptors(), before + some.size());
  bench.guest.ask(VhostRequest::kGetFeatures);
  EXPECT_EQ(open_descriptors(), before);
}

// ---- memory -----------------------------------------------------------------------------------

TEST(VhostHostileSession, AMemoryTableHasARegionForEachFile) {
  const auto table = [](uint32_t count, size_t bytes, size_t files) {
    return [=](FakeGuest& guest) {
      BigTable all;
      all.count = count;
      for (MemoryRegion& region : all.regions) region = {0, 4096, 0, 0};
      const std::vector<int> descriptors(files, guest.memory_file.get());
      guest.send(static_cast<uint32_t>(VhostRequest::kSetMemTable),
                 std::as_bytes(std::span(&all, 1)).first(bytes), descriptors);
    };
  };
  const std::string contradiction = "a memory table that contradicts itself";
  EXPECT_EQ(trouble_of(table(0, 40, 0), 10), contradiction);
  EXPECT_EQ(trouble_of(table(9, 264, 8), 10), contradiction);
  EXPECT_EQ(trouble_of(table(0xffff'ffff, 264, 8), 10), contradiction);
  EXPECT_EQ(trouble_of(table(2, 40, 2), 10), contradiction);
  EXPECT_EQ(trouble_of(table(1, 41, 1), 10), contradiction);
  EXPECT_EQ(trouble_of(table(1, 40, 0), 10), "not one memory file for each region");
  EXPECT_EQ(trouble_of(table(1, 40, 2), 10), "not one memory file for each region");
  EXPECT_EQ(trouble_of(table(2, 72, 1), 10), "not one memory file for each region");
  // All eight are good.
  NicBench bench;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(bench.guest.step(i));
  table(8, 264, 8)(bench.guest);
  bench.nic.read_messages();
  EXPECT_EQ(bench.guest.reply()->number(), 0u);
}

TEST(VhostHostileSession, AMemoryFileShorterThanItIsSaidToBeIsRefused) {
  EXPECT_EQ(trouble_of(
                [](FakeGuest& guest) {
                  ASSERT_EQ(::ftruncate(guest.memory_file.get(), FakeGuest::kMemory - 1), 0);
                  guest.tell_memory();
                },
                10),
            "a memory file shorter than its region");
}

TEST(VhostHostileSession, AMemoryFileCutLaterEndsTheGuestAndNobodyElse) {
  const auto cut = [](FakeGuest& guest, size_t size) {
    EXPECT_EQ(::ftruncate(guest.memory_file.get(), static_cast<off_t>(size)), 0);
  };
  const std::string trouble = "its memory was taken away";
  // While it kicks: the rings themselves, or only what they speak of.
  for (const size_t left : {size_t{0}, FakeGuest::kSent}) {
    EXPECT_EQ(trouble_of([&](FakeGuest& guest) {
                guest.send_frame({}, std::vector<std::byte>(20'000));
                cut(guest, left);
                guest.kick(1);
              }),
              trouble);
  }
  // While something is delivered to it.
  for (const size_t left : {size_t{0}, FakeGuest::kReceived}) {
    NicBench bench;
    ASSERT_TRUE(bench.guest.start());
    bench.guest.give_buffers(8, 1600);
    cut(bench.guest, left);
    EXPECT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)),
              VhostNic::Delivery::kNotRunning);
    bench.nic.publish();
    EXPECT_EQ(bench.nic.trouble(), trouble);
    EXPECT_FALSE(bench.nic.is_connected());
  }
  // While it is collected from, or shown something.
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(8, 1600);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 1000)), VhostNic::Delivery::kDone);
  cut(bench.guest, 0);
  EXPECT_EQ(bench.nic.collect(), 0u);
  bench.nic.collect();
  EXPECT_FALSE(bench.nic.publish());
  EXPECT_EQ(bench.nic.trouble(), trouble);
}

// ---- answers ----------------------------------------------------------------------------------

TEST(VhostHostileSession, AGuestThatDoesNotReadItsAnswersIsCutOff) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  for (int i = 0; i < 100'000 && bench.nic.is_connected(); ++i) {
    bench.guest.send(static_cast<uint32_t>(VhostRequest::kGetFeatures), {});
    bench.nic.read_messages();
  }
  EXPECT_EQ(bench.nic.trouble(), "it does not read its answers");
}

TEST(VhostHostileSession, AGuestThatGoesBeforeItsAnswerComesIsGone) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  bench.guest.send(static_cast<uint32_t>(VhostRequest::kGetFeatures), {});
  bench.guest.disconnect();
  bench.nic.read_messages();
  EXPECT_FALSE(bench.nic.is_connected());
  EXPECT_EQ(bench.nic.trouble(), "");
}

TEST(VhostHostileSession, AnAnswerToAnInterruptIsAnAnswer) {
  NicBench bench({.confirm_interrupts = true});
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(8, 1600);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), VhostNic::Delivery::kDone);
  ASSERT_TRUE(bench.nic.publish());
  const VhostHeader header{4, VhostHeader::kVersion, 0};
  ASSERT_EQ(::send(bench.guest.requests.get(), &header, sizeof header, 0), 12);
  bench.nic.read_answers();
  EXPECT_EQ(bench.nic.trouble(), "an answer that is none");
}

TEST(VhostHostileSession, AClosedRequestChannelOwesNoAnswer) {
  NicBench bench({.confirm_interrupts = true});
  ASSERT_TRUE(bench.guest.start());
  bench.guest.give_buffers(8, 1600);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), VhostNic::Delivery::kDone);
  ASSERT_TRUE(bench.nic.publish());
  bench.guest.requests.close();
  bench.nic.read_answers();
  EXPECT_EQ(bench.nic.answers_due(), 0);
  ASSERT_EQ(bench.nic.deliver(bench.packet(ip_protocol::kUdp, 100)), VhostNic::Delivery::kDone);
  EXPECT_FALSE(bench.nic.publish());
}

TEST(VhostHostileSession, NobodyIsKeptFromOthersByAStreamOfMessages) {
  NicBench bench;
  ASSERT_TRUE(bench.guest.start());
  const uint64_t before = bench.nic.counters().messages;
  for (int i = 0; i < 100; ++i) bench.guest.send(77, {}, {}, VhostHeader::kVersion);
  bench.nic.read_messages();
  EXPECT_EQ(bench.nic.counters().messages - before, 64u);
  bench.nic.read_messages();
  EXPECT_EQ(bench.nic.counters().messages - before, 100u);
}

}  // namespace
}  // namespace violin
