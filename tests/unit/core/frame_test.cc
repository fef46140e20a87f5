#include "core/frame.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

using namespace literals;

std::vector<std::byte> bytes_of(const Frame& frame) {
  std::vector<std::byte> bytes(frame.size());
  frame.copy_to(bytes);
  return bytes;
}

std::vector<std::byte> any_bytes(Random& random, size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

// Headers of up to 190 bytes before a stream, or all bytes real.
Frame any_frame(BufferPools& pools, Random& random) {
  if (random.below(3) == 0) return Frame::from_bytes(pools, any_bytes(random, random.below(3'000)));
  Frame frame = Frame::allocate(pools);
  const auto headers = any_bytes(random, random.below(190));
  std::copy(headers.begin(), headers.end(), frame.append(static_cast<uint32_t>(headers.size())));
  frame.set_payload(Payload::of_stream(random.below(99), random.below(9'999),
                                       static_cast<uint32_t>(random.below(3'000))));
  return frame;
}

TEST(Frame, OfBytesIsThoseBytes) {
  BufferPools pools;
  Random random(1);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{127}, size_t{128}, size_t{129},
                            size_t{1'514}, size_t{65'000}}) {
    const auto bytes = any_bytes(random, size);
    const Frame frame = Frame::from_bytes(pools, bytes);
    EXPECT_EQ(bytes_of(frame), bytes);
    EXPECT_FALSE(frame.checksum_good());
    EXPECT_EQ(frame.gso_size(), 0);
  }
}

TEST(Frame, SumsSlicesAndCopiesAsItsBytes) {
  BufferPools pools;
  Random random(2);
  for (int i = 0; i < 2'000; ++i) {
    const Frame frame = any_frame(pools, random);
    const std::vector<std::byte> bytes = bytes_of(frame);
    EXPECT_EQ(frame.sums(), sum_bytes(bytes));
    const auto from = static_cast<uint32_t>(random.below(frame.size() + 1));
    const auto size = static_cast<uint32_t>(random.below(frame.size() - from + 1));
    const auto expected = std::span<const std::byte>(bytes).subspan(from, size);
    const Payload slice = frame.slice(from, size);
    EXPECT_EQ(slice.size(), size);
    EXPECT_EQ(slice.sums(), sum_bytes(expected));
    std::vector<std::byte> copy(size);
    frame.copy_to(copy, from);
    EXPECT_TRUE(std::equal(copy.begin(), copy.end(), expected.begin()));
  }
}

TEST(Frame, HasRoomForTwoEncapsulationsInFront) {
  BufferPools pools;
  Frame frame = Frame::allocate(pools);
  frame.append(196);
  for (int i = 0; i < 2; ++i) {
    for (const uint32_t header : {32u, 8u, 40u, 14u}) {
      std::byte* at = frame.push_front(header);
      std::fill(at, at + header, static_cast<std::byte>(header));
    }
  }
  EXPECT_EQ(frame.size(), 196u + 188u);
  frame.pull_front(188);
  EXPECT_EQ(frame.size(), 196u);
}

TEST(FrameDeath, RefusesToGrowBeyondItsRoom) {
  BufferPools pools;
  Frame frame = Frame::allocate(pools);
  EXPECT_DEATH(frame.push_front(FrameBlock::kHeadroom + 1), "CHECK");
  EXPECT_DEATH(frame.append(197), "CHECK");
  EXPECT_DEATH(frame.pull_front(1), "CHECK");
}

TEST(Frame, CloneSharesPayloadButNotHeadersAndEachMayBeWritten) {
  BufferPools pools;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    Frame original = any_frame(pools, random);
    original.set_checksum_good(true);
    original.set_gso_size(1'448);
    const std::vector<std::byte> bytes = bytes_of(original);
    const size_t slots = pools.slots_in_use();
    Frame copy = original.clone();
    EXPECT_EQ(pools.slots_in_use(), slots);
    EXPECT_EQ(bytes_of(copy), bytes);
    EXPECT_TRUE(copy.checksum_good());
    EXPECT_EQ(copy.gso_size(), 1'448);
    for (std::byte& byte : copy.headers()) byte = ~byte;
    for (std::byte& byte : copy.writable_payload()) byte = ~byte;
    EXPECT_FALSE(copy.checksum_good());
    EXPECT_EQ(bytes_of(original), bytes);
    for (std::byte& byte : original.writable_payload()) byte = std::byte{0};
    std::vector<std::byte> inverted = bytes;
    for (std::byte& byte : inverted) byte = ~byte;
    EXPECT_EQ(bytes_of(copy), inverted);
  }
}

TEST(Frame, MovesPayloadToItsHeadersWithoutChangingItsBytes) {
  BufferPools pools;
  Random random(4);
  for (int i = 0; i < 1'000; ++i) {
    Frame frame = any_frame(pools, random);
    const std::vector<std::byte> bytes = bytes_of(frame);
    const auto wanted = static_cast<uint32_t>(random.below(250));
    const bool fits = wanted <= bytes.size() && wanted <= 196;
    EXPECT_EQ(frame.make_contiguous(wanted), fits || wanted <= frame.header_size());
    EXPECT_EQ(bytes_of(frame), bytes);
    EXPECT_TRUE(!fits || frame.header_size() >= wanted);
  }
}

TEST(Frame, IsCutToItsFirstBytes) {
  BufferPools pools;
  Random random(5);
  for (int i = 0; i < 1'000; ++i) {
    Frame frame = any_frame(pools, random);
    std::vector<std::byte> bytes = bytes_of(frame);
    const size_t size = random.below(bytes.size() + 10);
    frame.truncate(static_cast<uint32_t>(size));
    bytes.resize(std::min(size, bytes.size()));
    EXPECT_EQ(bytes_of(frame), bytes);
  }
}

TEST(Frame, ReturnsToItsPoolWhenDestroyedMovedOverOrSwallowed) {
  BufferPools pools;
  {
    Frame one = Frame::allocate(pools);
    Frame two = Frame::allocate(pools);
    EXPECT_EQ(pools.frames_in_use(), 2u);
    one = std::move(two);
    EXPECT_EQ(pools.frames_in_use(), 1u);
    EXPECT_FALSE(two);  // NOLINT: what a moved-from handle is, is part of its contract
    FrameQueue queue;
    queue.push_back(std::move(one), Time::zero());
    EXPECT_EQ(pools.frames_in_use(), 1u);
  }
  EXPECT_EQ(pools.frames_in_use(), 0u);
  EXPECT_EQ(pools.frames_in_use_max(), 2u);
}

TEST(Frame, RefusesMoreThanItsPoolMayHoldAndGoesOnWhenSomeReturn) {
  BufferPools pools(BufferLimits{.frames = 300});
  std::vector<Frame> held;
  for (int i = 0; i < 300; ++i) held.push_back(Frame::allocate(pools));
  EXPECT_THROW(Frame::allocate(pools), PoolExhausted);
  held.pop_back();
  EXPECT_TRUE(Frame::allocate(pools));
}

TEST(Frame, IsAllocatedWithoutTraceOfItsPredecessor) {
  BufferPools pools;
  {
    Frame frame = Frame::allocate(pools);
    frame.append(100);
    frame.set_payload(Payload::of_stream(1, 2, 3));
    frame.set_gso_size(9);
    frame.set_checksum_good(true);
  }
  const Frame frame = Frame::allocate(pools);
  EXPECT_EQ(frame.size(), 0u);
  EXPECT_EQ(frame.gso_size(), 0);
  EXPECT_FALSE(frame.checksum_good());
}

TEST(FrameQueue, KeepsTheOrderOfArrival) {
  BufferPools pools;
  FrameQueue queue;
  for (uint32_t i = 0; i < 5; ++i) {
    Frame frame = Frame::allocate(pools);
    frame.append(10 + i);
    queue.push_back(std::move(frame), Time::from_ns(i));
  }
  EXPECT_EQ(queue.size(), 5u);
  for (uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(queue.front_size(), 10 + i);
    EXPECT_EQ(queue.front_stamp(), Time::from_ns(i));
    EXPECT_EQ(queue.pop_front().size(), 10 + i);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(FrameQueue, InsertsByStampBehindEqualOnes) {
  BufferPools pools;
  Random random(6);
  FrameQueue queue;
  std::vector<std::pair<int64_t, uint32_t>> expected;
  for (uint32_t i = 0; i < 150; ++i) {
    const auto stamp = static_cast<int64_t>(random.below(20));
    Frame frame = Frame::allocate(pools);
    frame.append(i + 1);
    queue.insert_by_stamp(std::move(frame), Time::from_ns(stamp));
    expected.emplace_back(stamp, i + 1);
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [stamp, size] : expected) {
    EXPECT_EQ(queue.front_stamp(), Time::from_ns(stamp));
    EXPECT_EQ(queue.pop_front().size(), size);
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace violin
