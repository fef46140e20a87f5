#include "core/payload.hh"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

std::vector<std::byte> bytes_of(const Payload& payload) {
  std::vector<std::byte> bytes(payload.size());
  payload.copy_to(bytes);
  return bytes;
}

std::vector<std::byte> any_bytes(Random& random, size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

// A stream's or a slot's.
Payload any_payload(BufferPools& pools, Random& random, uint32_t most) {
  const auto size = static_cast<uint32_t>(random.below(most + 1));
  if (random.below(2) == 0) return Payload::of_bytes(pools, any_bytes(random, size));
  return Payload::of_stream(random.next() >> 8, random.next() >> 8, size);
}

TEST(Payload, OfAStreamIsItsBytes) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const uint64_t stream = random.next() >> 4;
    const uint64_t offset = random.next() >> 4;
    const auto size = static_cast<uint32_t>(random.below(6'000));
    const Payload payload = Payload::of_stream(stream, offset, size);
    const std::vector<std::byte> bytes = bytes_of(payload);
    for (uint32_t k = 0; k < size; ++k) {
      ASSERT_EQ(bytes[k], stream_byte(stream, offset + k));
      ASSERT_EQ(bytes[k], payload.at(k));
    }
    EXPECT_EQ(payload.sums(), sum_bytes(bytes));
  }
}

TEST(Payload, SumsAndCopiesAnySliceOfASliceAsItsBytes) {
  BufferPools pools;
  Random random(2);
  for (int i = 0; i < 2'000; ++i) {
    const Payload whole = any_payload(pools, random, 5'000);
    const std::vector<std::byte> bytes = bytes_of(whole);
    const auto from = static_cast<uint32_t>(random.below(whole.size() + 1));
    const auto size = static_cast<uint32_t>(random.below(whole.size() - from + 1));
    const Payload outer = whole.slice(from, size);
    const auto inner_from = static_cast<uint32_t>(random.below(size + 1));
    const auto inner_size = static_cast<uint32_t>(random.below(size - inner_from + 1));
    const Payload inner = outer.slice(inner_from, inner_size);
    const auto expected = std::span<const std::byte>(bytes).subspan(from + inner_from, inner_size);
    EXPECT_EQ(inner.sums(), sum_bytes(expected));
    EXPECT_EQ(bytes_of(inner), std::vector<std::byte>(expected.begin(), expected.end()));
    std::vector<std::byte> part(inner_size / 2);
    inner.copy_to(part, inner_size - inner_size / 2);
    for (size_t k = 0; k < part.size(); ++k) {
      ASSERT_EQ(part[k], expected[inner_size - inner_size / 2 + k]);
    }
  }
}

TEST(Payload, IsExtendedByWhatContinuesItAndByNothingElse) {
  BufferPools pools;
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    const Payload whole = any_payload(pools, random, 3'000);
    const auto cut = static_cast<uint32_t>(random.below(whole.size() + 1));
    Payload first = whole.slice(0, cut);
    EXPECT_TRUE(first.extend(whole.slice(cut, whole.size() - cut)));
    EXPECT_EQ(bytes_of(first), bytes_of(whole));
  }
  Payload stream = Payload::of_stream(1, 0, 100);
  EXPECT_FALSE(stream.extend(Payload::of_stream(1, 101, 10)));
  EXPECT_FALSE(stream.extend(Payload::of_stream(2, 100, 10)));
  const std::vector<std::byte> bytes(10);
  EXPECT_FALSE(stream.extend(Payload::of_bytes(pools, bytes)));
  EXPECT_EQ(stream.size(), 100u);
  EXPECT_TRUE(stream.extend(Payload()));
  EXPECT_EQ(stream.size(), 100u);
}

TEST(Payload, IsCopiedBeforeItIsWrittenToWhereShared) {
  BufferPools pools;
  Random random(4);
  for (int i = 0; i < 200; ++i) {
    const Payload original = any_payload(pools, random, 3'000);
    if (original.empty()) continue;
    const std::vector<std::byte> bytes = bytes_of(original);
    Payload copy = original;
    const std::span<std::byte> writable = copy.writable(pools);
    ASSERT_EQ(writable.size(), bytes.size());
    const size_t at = random.below(writable.size());
    writable[at] ^= std::byte{1};
    EXPECT_EQ(bytes_of(original), bytes);
    EXPECT_EQ(copy.at(static_cast<uint32_t>(at)), bytes[at] ^ std::byte{1});
  }
  EXPECT_EQ(pools.slots_in_use(), 0u);
}

TEST(Payload, IsWrittenInPlaceWhereAloneInItsSlot) {
  BufferPools pools;
  const std::vector<std::byte> bytes(100);
  Payload payload = Payload::of_bytes(pools, bytes);
  payload = payload.slice(10, 50);
  const std::byte* first = payload.writable(pools).data();
  EXPECT_EQ(payload.writable(pools).data(), first);
  EXPECT_EQ(pools.slots_in_use(), 1u);
}

TEST(Payload, GivesItsSlotBackWithTheLastThatSharesIt) {
  BufferPools pools;
  const std::vector<std::byte> bytes(100);
  {
    Payload one = Payload::of_bytes(pools, bytes);
    Payload two = one.slice(3, 5);
    Payload moved = std::move(one);
    one = Payload();
    moved = Payload::of_stream(1, 2, 3);
    EXPECT_EQ(pools.slots_in_use(), 1u);
    two = two.slice(0, 0);
    EXPECT_EQ(pools.slots_in_use(), 0u);
  }
  EXPECT_EQ(pools.slots_in_use(), 0u);
}

TEST(Payload, SurvivesAssignmentToItself) {
  BufferPools pools;
  const std::vector<std::byte> bytes(100, std::byte{7});
  Payload payload = Payload::of_bytes(pools, bytes);
  Payload& same = payload;
  payload = same;
  payload = std::move(same);
  EXPECT_EQ(bytes_of(payload), bytes);
}

TEST(Payload, KnowsTheStreamItCarriesHoweverItIsHeld) {
  BufferPools pools;
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    const uint64_t stream = random.next() >> 8;
    const uint64_t offset = random.next() >> 8;
    const auto size = static_cast<uint32_t>(1 + random.below(4'000));
    const Payload held = Payload::of_stream(stream, offset, size);
    Payload real = Payload::of_bytes(pools, bytes_of(held));
    EXPECT_TRUE(held.equals_stream(stream, offset));
    EXPECT_TRUE(real.equals_stream(stream, offset));
    EXPECT_FALSE(held.equals_stream(stream, offset + 1 + random.below(1'020)));
    if (size >= 64) {
      EXPECT_FALSE(real.equals_stream(stream, offset + 1 + random.below(1'020)));
    }
    real.writable(pools)[random.below(size)] ^= std::byte{0x10};
    EXPECT_FALSE(real.equals_stream(stream, offset));
  }
}

TEST(Payload, RefusesMoreThanItsPoolMayHold) {
  BufferPools pools(BufferLimits{.frames = 10, .slot_bytes = 10'000});
  std::vector<Payload> held;
  const std::vector<std::byte> bytes(2'000);
  EXPECT_THROW(for (int i = 0; i < 10; ++i) held.push_back(Payload::of_bytes(pools, bytes)),
               PoolExhausted);
  EXPECT_EQ(held.size(), 4u);
  held.clear();
  EXPECT_NO_THROW(held.push_back(Payload::of_bytes(pools, bytes)));
}

}  // namespace
}  // namespace violin
