#include "core/digest.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

uint64_t digest_of(const Frame& frame, Time now = Time::from_ns(77)) {
  DigestChain chain;
  chain.add(frame, now);
  return chain.value();
}

std::vector<std::byte> bytes_of(const Frame& frame) {
  std::vector<std::byte> bytes(frame.size());
  frame.copy_to(bytes);
  return bytes;
}

// The same bytes with the first `header_size` of them as headers.
Frame held_as(BufferPools& pools, const std::vector<std::byte>& bytes, size_t header_size) {
  Frame frame = Frame::allocate(pools);
  std::copy_n(bytes.begin(), header_size, frame.append(static_cast<uint32_t>(header_size)));
  frame.set_payload(
      Payload::of_bytes(pools, std::span<const std::byte>(bytes).subspan(header_size)));
  return frame;
}

Frame any_frame(BufferPools& pools, Random& random) {
  Frame frame = Frame::allocate(pools);
  const auto headers = static_cast<uint32_t>(random.below(130));
  std::byte* at = frame.append(headers);
  for (uint32_t i = 0; i < headers; ++i) at[i] = static_cast<std::byte>(random.next());
  frame.set_payload(Payload::of_stream(random.next() >> 8, random.next() >> 8,
                                       static_cast<uint32_t>(random.below(2'000))));
  return frame;
}

TEST(Digest, IsThatOfTheBytesHoweverTheyAreHeld) {
  BufferPools pools;
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    const Frame frame = any_frame(pools, random);
    const std::vector<std::byte> bytes = bytes_of(frame);
    const uint64_t digest = digest_of(frame);
    EXPECT_EQ(digest_of(Frame::from_bytes(pools, bytes)), digest);
    EXPECT_EQ(digest_of(frame.clone()), digest);
    const size_t cut = random.below(std::min<size_t>(bytes.size(), 190) + 1);
    EXPECT_EQ(digest_of(held_as(pools, bytes, cut)), digest) << cut << " of " << bytes.size();
  }
}

TEST(Digest, ChangesWithEveryBitOfTheFrameAndWithTime) {
  BufferPools pools;
  Random random(2);
  std::vector<std::byte> bytes(300);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  std::set<uint64_t> seen{digest_of(Frame::from_bytes(pools, bytes))};
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (size_t bit = 0; bit < 8; ++bit) {
      bytes[i] ^= static_cast<std::byte>(1u << bit);
      EXPECT_TRUE(seen.insert(digest_of(Frame::from_bytes(pools, bytes))).second);
      bytes[i] ^= static_cast<std::byte>(1u << bit);
    }
  }
  const Frame frame = Frame::from_bytes(pools, bytes);
  EXPECT_TRUE(seen.insert(digest_of(frame, Time::from_ns(78))).second);
}

TEST(Digest, ChangesWithTheOrderOfBytesAndWithTheLength) {
  BufferPools pools;
  std::vector<std::byte> bytes(200, std::byte{0});
  bytes[100] = std::byte{1};
  bytes[102] = std::byte{2};
  const uint64_t digest = digest_of(Frame::from_bytes(pools, bytes));
  std::swap(bytes[100], bytes[102]);
  EXPECT_NE(digest_of(Frame::from_bytes(pools, bytes)), digest);
  std::swap(bytes[100], bytes[102]);
  bytes.push_back(std::byte{0});
  EXPECT_NE(digest_of(Frame::from_bytes(pools, bytes)), digest);
}

TEST(Digest, IsThatOfTheWholeSequence) {
  BufferPools pools;
  Random random(3);
  const Frame one = any_frame(pools, random);
  const Frame two = any_frame(pools, random);
  DigestChain forward, backward, repeated;
  forward.add(one, Time::zero());
  forward.add(two, Time::zero());
  backward.add(two, Time::zero());
  backward.add(one, Time::zero());
  repeated.add(one, Time::zero());
  EXPECT_NE(forward.value(), backward.value());
  EXPECT_NE(repeated.value(), DigestChain().value());
  repeated.add(two, Time::zero());
  EXPECT_EQ(repeated.value(), forward.value());
}

TEST(Digest, LeavesTheFrameAndItsPoolAsTheyWere) {
  BufferPools pools;
  Random random(4);
  for (int i = 0; i < 100; ++i) digest_of(any_frame(pools, random));
  EXPECT_EQ(pools.slots_in_use(), 0u);
  EXPECT_EQ(pools.frames_in_use(), 0u);
}

TEST(DigestCombiner, DependsOnNamesValuesAndOrder) {
  const auto combined = [](std::vector<std::pair<const char*, uint64_t>> entries) {
    DigestCombiner combiner;
    for (const auto& [name, value] : entries) combiner.add(name, value);
    return combiner.value();
  };
  const std::set<uint64_t> values{
      combined({}),
      combined({{"a", 1}, {"b", 2}}),
      combined({{"b", 2}, {"a", 1}}),
      combined({{"a", 2}, {"b", 1}}),
      combined({{"a", 1}, {"c", 2}}),
      combined({{"a", 1}}),
      combined({{"a", 0}}),
  };
  EXPECT_EQ(values.size(), 7u);
}

}  // namespace
}  // namespace violin
