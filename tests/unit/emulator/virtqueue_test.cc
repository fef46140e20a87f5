#include "emulator/virtio/virtqueue.hh"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/fake_ring.hh"

namespace violin {
namespace {

using testing::FakeRing;

constexpr uint64_t kBase = 0x1000;
constexpr uint64_t kUserBase = 0x9000'0000;
constexpr size_t kMemory = 0x4'0000;
constexpr size_t kBuffers = 0x1'0000;
constexpr size_t kTables = 0x2'0000;
constexpr uint64_t kFeatures = Virtqueue::kFeatureIndirect | Virtqueue::kFeatureEventIndex;

// A queue and its driver.
struct Bench {
  explicit Bench(uint32_t size = 8, uint64_t features = kFeatures, uint16_t first = 0) {
    FileDescriptor file(::memfd_create("memory", MFD_CLOEXEC));
    EXPECT_EQ(::ftruncate(file.get(), kMemory), 0);
    const MemoryRegion region{kBase, kMemory, kUserBase, 0};
    EXPECT_EQ(memory.map({&region, 1}, {&file, 1}), "");
    ring = FakeRing(memory.at_guest(kBase, kMemory), kBase, 0, size);
    ring.event_index = (features & Virtqueue::kFeatureEventIndex) != 0;
    ring.begin_at(first);
    EXPECT_EQ(queue.start(memory, ring.place(kUserBase), first, features), "");
  }
  static FakeRing::Descriptor buffer(size_t number, bool is_written = false) {
    return {kBase + kBuffers + number * 64, 64, is_written ? FakeRing::kWrite : uint16_t{0}, 0};
  }
  void offer(const std::vector<FakeRing::Descriptor>& buffers) {
    ring.add(buffers);
    ring.offer();
  }
  std::string trouble_of_next() {
    EXPECT_EQ(queue.take(), nullptr);
    EXPECT_EQ(queue.take(), nullptr) << "trouble stays";
    return std::string(queue.trouble());
  }

  GuestMemory memory;
  FakeRing ring;
  Virtqueue queue;
};

TEST(Virtqueue, AChainIsTakenOnceAndGivenBack) {
  Bench bench;
  EXPECT_EQ(bench.queue.take(), nullptr);
  bench.offer({Bench::buffer(0), Bench::buffer(1), Bench::buffer(2, true)});
  const DescriptorChain* chain = bench.queue.take();
  ASSERT_NE(chain, nullptr);
  ASSERT_EQ(chain->readable.size(), 2u);
  ASSERT_EQ(chain->writable.size(), 1u);
  EXPECT_EQ(chain->readable[1].data(), bench.memory.at_guest(kBase + kBuffers + 64, 1).data());
  EXPECT_EQ(chain->writable[0].size(), 64u);
  const uint16_t head = chain->head;
  EXPECT_EQ(bench.queue.take(), nullptr);
  bench.queue.use(head, 17);
  EXPECT_FALSE(bench.ring.take_used()) << "it was not published";
  bench.queue.publish();
  const auto used = bench.ring.take_used();
  ASSERT_TRUE(used);
  EXPECT_EQ(used->head, head);
  EXPECT_EQ(used->length, 17u);
}

TEST(Virtqueue, WhatIsOnlyInTheTableIsNotAvailable) {
  Bench bench;
  bench.ring.add({Bench::buffer(0)});
  EXPECT_EQ(bench.queue.take(), nullptr);
  EXPECT_EQ(bench.queue.trouble(), "");
}

TEST(Virtqueue, AnIndirectTableMayStandAloneOrAtTheEndOfAChain) {
  Bench bench;
  bench.ring.add_indirect({Bench::buffer(0), Bench::buffer(1), Bench::buffer(2, true)}, kTables);
  bench.ring.offer();
  const DescriptorChain* chain = bench.queue.take();
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->readable.size(), 2u);
  EXPECT_EQ(chain->writable.size(), 1u);
  bench.offer({Bench::buffer(4), {kBase + kTables, 48, FakeRing::kIndirect, 0}});
  chain = bench.queue.take();
  ASSERT_NE(chain, nullptr) << bench.queue.trouble();
  EXPECT_EQ(chain->readable.size(), 3u);
}

TEST(Virtqueue, IndicesWrapAndEveryEntryComesOnceInOrder) {
  for (const uint32_t size : {1u, 2u, 8u, 256u, 1024u}) {
    for (const uint64_t features : {uint64_t{0}, kFeatures}) {
      Bench bench(size, features, 65'000);
      uint32_t interrupts = 0;
      for (uint32_t i = 0; i < 140'000; ++i) {
        bench.offer({Bench::buffer(i % 64)});
        const DescriptorChain* chain = bench.queue.take();
        ASSERT_NE(chain, nullptr) << i << bench.queue.trouble();
        ASSERT_EQ(chain->readable[0].data(),
                  bench.memory.at_guest(Bench::buffer(i % 64).address, 1).data());
        bench.queue.use(chain->head, i);
        interrupts += bench.queue.publish();
        const auto used = bench.ring.take_used();
        ASSERT_TRUE(used);
        ASSERT_EQ(used->length, i);
        ASSERT_TRUE(bench.queue.ask_for_kick());
      }
      EXPECT_EQ(interrupts, 140'000u);
    }
  }
}

TEST(Virtqueue, AFullRingIsTakenWhole) {
  Bench bench;
  for (size_t i = 0; i < 8; ++i) bench.ring.add({Bench::buffer(i)});
  bench.ring.offer();
  for (size_t i = 0; i < 8; ++i) {
    const DescriptorChain* chain = bench.queue.take();
    ASSERT_NE(chain, nullptr);
    bench.queue.use(chain->head, 0);
  }
  EXPECT_EQ(bench.queue.take(), nullptr);
  EXPECT_TRUE(bench.queue.publish());
  EXPECT_FALSE(bench.queue.publish()) << "there is nothing more to show";
  for (size_t i = 0; i < 8; ++i) EXPECT_TRUE(bench.ring.take_used());
  EXPECT_EQ(bench.queue.trouble(), "");
}

TEST(Virtqueue, GoingBackUndoesWhatWasNotPublished) {
  Bench bench;
  for (size_t i = 0; i < 3; ++i) bench.ring.add({Bench::buffer(i)});
  bench.ring.offer();
  bench.queue.use(bench.queue.take()->head, 1);
  const Virtqueue::Mark mark = bench.queue.mark();
  bench.queue.use(bench.queue.take()->head, 2);
  bench.queue.use(bench.queue.take()->head, 3);
  bench.queue.go_back(mark);
  bench.queue.publish();
  EXPECT_EQ(bench.ring.take_used()->length, 1u);
  EXPECT_FALSE(bench.ring.take_used());
  EXPECT_EQ(bench.queue.take()->readable[0].data(),
            bench.memory.at_guest(Bench::buffer(1).address, 1).data());
}

// ---- who is told when -------------------------------------------------------------------------

TEST(Virtqueue, OneInterruptForABatchAndOnlyWhenTheDriverWaitsForOneOfIt) {
  for (const uint16_t first : {uint16_t{0}, uint16_t{65'533}}) {
    Bench bench(8, kFeatures, first);
    // Which entry the driver waits for, and whether a batch of three is what it waits for.
    const std::pair<int, bool> cases[] = {{-1, false}, {0, true},  {1, true},
                                          {2, true},   {3, false}, {100, false}};
    int begun = 0;
    for (const auto& [event, is_due] : cases) {
      const auto at = static_cast<uint16_t>(first + begun);
      bench.ring.asks_for_interrupts = false;
      bench.ring.set_used_event(static_cast<uint16_t>(at + event));
      for (size_t i = 0; i < 3; ++i) bench.ring.add({Bench::buffer(i)});
      bench.ring.offer();
      for (size_t i = 0; i < 3; ++i) bench.queue.use(bench.queue.take()->head, 0);
      EXPECT_EQ(bench.queue.publish(), is_due) << event << " " << first;
      while (bench.ring.take_used()) {
      }
      begun += 3;
    }
  }
}

TEST(Virtqueue, WithoutEventIndicesAFlagSaysWhetherToInterrupt) {
  Bench bench(8, 0);
  for (const uint16_t flag : {uint16_t{0}, uint16_t{1}}) {
    bench.ring.set_available_flags(flag);
    bench.offer({Bench::buffer(0)});
    bench.queue.use(bench.queue.take()->head, 0);
    EXPECT_EQ(bench.queue.publish(), flag == 0);
    bench.ring.take_used();
  }
}

TEST(Virtqueue, KicksComeWhenTheyAreAskedForAndOnlyThen) {
  for (const uint64_t features : {uint64_t{0}, kFeatures}) {
    for (const uint16_t first : {uint16_t{0}, uint16_t{65'530}}) {
      Bench bench(8, features, first);
      for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(bench.queue.ask_for_kick());
        bench.offer({Bench::buffer(0)});
        EXPECT_TRUE(bench.ring.wants_kick());
        EXPECT_FALSE(bench.queue.ask_for_kick()) << "there is something already";
        bench.queue.use(bench.queue.take()->head, 0);
        bench.queue.suppress_kicks();
        bench.queue.publish();
        bench.ring.take_used();
        // Far more than once round the ring, and round its indices.
        for (int j = 0; j < 70'000; ++j) {
          bench.offer({Bench::buffer(0)});
          ASSERT_FALSE(bench.ring.wants_kick()) << i << " " << j;
          bench.queue.use(bench.queue.take()->head, 0);
          bench.queue.publish();
          bench.ring.take_used();
        }
      }
    }
  }
}

// ---- what a driver may not do -----------------------------------------------------------------

TEST(Virtqueue, ABufferOutsideItsMemoryIsRefused) {
  const uint64_t end = kBase + kMemory;
  const std::pair<uint64_t, uint32_t> cases[] = {{0, 64},
                                                 {kBase - 1, 64},
                                                 {end - 63, 64},
                                                 {end, 1},
                                                 {end - 1, 2},
                                                 {kBase, 0},
                                                 {~uint64_t{0}, 64},
                                                 {~uint64_t{0} - 63, 64},
                                                 {kUserBase, 64},
                                                 {kBase, ~0u},
                                                 {kBase + 1, kMemory},
                                                 {~uint64_t{0} - 10, ~0u},
                                                 {uint64_t{1} << 63, 1}};
  for (const auto& [address, length] : cases) {
    Bench bench;
    bench.offer({Bench::buffer(0), {address, length, 0, 0}});
    EXPECT_EQ(bench.trouble_of_next(), "a buffer outside its memory") << address << " " << length;
  }
  Bench bench;
  bench.offer({{end - 64, 64, 0, 0}, {kBase, kMemory, 0, 0}});
  EXPECT_NE(bench.queue.take(), nullptr) << "all of it is inside";
}

TEST(Virtqueue, AChainThatEndsNowhereIsRefused) {
  {
    Bench bench;  // two descriptors that follow each other
    bench.ring.write_descriptor(0, {kBase + kBuffers, 64, FakeRing::kNext, 1});
    bench.ring.write_descriptor(1, {kBase + kBuffers, 64, FakeRing::kNext, 0});
    bench.ring.add_head(0);
    bench.ring.offer();
    EXPECT_EQ(bench.trouble_of_next(), "a chain that goes round in a circle");
  }
  {
    Bench bench;  // one that follows itself, in an indirect table
    bench.ring.add_indirect({Bench::buffer(0)}, kTables);
    const FakeRing::Descriptor loop{kBase + kBuffers, 64, FakeRing::kNext, 0};
    std::memcpy(bench.memory.at_guest(kBase + kTables, 16).data(), &loop, sizeof loop);
    bench.ring.offer();
    EXPECT_EQ(bench.trouble_of_next(), "a chain that goes round in a circle");
  }
}

TEST(Virtqueue, ADescriptorOutsideItsTableIsRefused) {
  {
    Bench bench;
    bench.ring.add_head(8);
    bench.ring.offer();
    EXPECT_EQ(bench.trouble_of_next(), "a descriptor outside its table");
  }
  {
    Bench bench;
    bench.ring.write_descriptor(0, {kBase + kBuffers, 64, FakeRing::kNext, 65'535});
    bench.ring.add_head(0);
    bench.ring.offer();
    EXPECT_EQ(bench.trouble_of_next(), "a descriptor outside its table");
  }
  {
    Bench bench;
    bench.ring.add_indirect({Bench::buffer(0)}, kTables);
    const FakeRing::Descriptor next{kBase + kBuffers, 64, FakeRing::kNext, 1};
    std::memcpy(bench.memory.at_guest(kBase + kTables, 16).data(), &next, sizeof next);
    bench.ring.offer();
    EXPECT_EQ(bench.trouble_of_next(), "a descriptor outside its table");
  }
}

TEST(Virtqueue, AnIndirectTableOfAnImpossibleKindIsRefused) {
  const auto trouble = [](const FakeRing::Descriptor& descriptor, uint64_t features = kFeatures) {
    Bench bench(8, features);
    bench.ring.write_descriptor(0, descriptor);
    bench.ring.add_head(0);
    bench.ring.offer();
    return bench.trouble_of_next();
  };
  const uint64_t table = kBase + kTables;
  for (const uint32_t length : {0u, 1u, 15u, 17u, 24u, 1025 * 16u, 0xffff'fff0u, 0xffff'ffffu}) {
    EXPECT_EQ(trouble({table, length, FakeRing::kIndirect, 0}),
              "an indirect table of impossible size")
        << length;
  }
  for (const uint64_t address : {uint64_t{0}, kBase - 1, kBase + kMemory - 15, ~uint64_t{0} - 7}) {
    EXPECT_EQ(trouble({address, 16, FakeRing::kIndirect, 0}),
              "an indirect table outside its memory");
  }
  EXPECT_EQ(trouble({table, 16, FakeRing::kIndirect | FakeRing::kNext, 1}),
            "an indirect table where none may be");
  EXPECT_EQ(trouble({table, 16, FakeRing::kIndirect, 0}, 0),
            "an indirect table where none was agreed");
  Bench bench;  // a table in a table
  bench.ring.add_indirect({{table, 16, FakeRing::kIndirect, 0}}, kTables);
  bench.ring.offer();
  EXPECT_EQ(bench.trouble_of_next(), "an indirect table where none may be");
}

TEST(Virtqueue, AnIndexThatJumpsFurtherThanTheRingIsLongIsRefused) {
  for (const int jump : {9, 1000, 65'535}) {
    Bench bench(8, kFeatures, 30);
    bench.ring.set_available_index(static_cast<uint16_t>(30 + jump));
    EXPECT_EQ(bench.trouble_of_next(), "more entries available than its size") << jump;
  }
}

TEST(Virtqueue, MoreChainsAtATimeThanTheRingIsLongAreRefused) {
  Bench bench(2);
  bench.ring.write_descriptor(0, Bench::buffer(0));
  for (int i = 0; i < 2; ++i) {
    bench.ring.add_head(0);
    bench.ring.offer();
    ASSERT_NE(bench.queue.take(), nullptr);
    bench.queue.use(0, 0);
  }
  bench.ring.add_head(0);
  bench.ring.offer();
  EXPECT_EQ(bench.trouble_of_next(), "more chains at a time than its size");
}

TEST(Virtqueue, ABufferToReadBehindOneToWriteIsRefused) {
  Bench bench;
  bench.offer({Bench::buffer(0, true), Bench::buffer(1)});
  EXPECT_EQ(bench.trouble_of_next(), "a buffer to read behind one to write");
}

TEST(Virtqueue, ARingThatIsNotInItsMemoryOrMisalignedIsRefused) {
  Bench bench;
  const Virtqueue::Place good = bench.ring.place(kUserBase);
  const auto refuses = [&](const Virtqueue::Place& place, std::string_view reason) {
    EXPECT_EQ(bench.queue.start(bench.memory, place, 0, kFeatures), reason);
    EXPECT_FALSE(bench.queue.is_started());
  };
  for (const uint32_t size : {0u, 3u, 2048u, 0x8000'0000u, ~0u}) {
    Virtqueue::Place place = good;
    place.size = size;
    refuses(place, "a ring of impossible size");
  }
  for (uint64_t Virtqueue::Place::*part :
       {&Virtqueue::Place::descriptors, &Virtqueue::Place::available, &Virtqueue::Place::used}) {
    for (const uint64_t address :
         {uint64_t{0}, kUserBase - 16, kUserBase + kMemory - 16, kBase, ~uint64_t{0} - 15}) {
      Virtqueue::Place place = good;
      place.*part = address;
      refuses(place, "a ring outside its memory");
    }
    Virtqueue::Place place = good;
    place.*part += 1;
    refuses(place, "a misaligned ring");
  }
  GuestMemory none;
  EXPECT_EQ(bench.queue.start(none, good, 0, kFeatures), "a ring outside its memory");
  EXPECT_EQ(bench.queue.start(bench.memory, good, 0, kFeatures), "");
}

}  // namespace
}  // namespace violin
