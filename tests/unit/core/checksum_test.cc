#include "core/checksum.hh"

#include <gtest/gtest.h>

#include <vector>

#include "core/byte_order.hh"
#include "core/random.hh"

namespace violin {
namespace {

std::vector<std::byte> any_bytes(Random& random, size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

// RFC 1071, section 4.1, word by word.
uint16_t plain_checksum(std::span<const std::byte> bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = static_cast<uint32_t>(bytes[i]) << 8;
    const auto low = i + 1 < bytes.size() ? static_cast<uint32_t>(bytes[i + 1]) : 0;
    sum += high | low;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<uint16_t>(~sum);
}

TEST(Checksum, IsThatOfTheExampleOfRfc1071) {
  const unsigned char text[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(fold_checksum(word_sum(bytes)), 0xddf2);
  EXPECT_EQ(checksum_of(word_sum(bytes)), 0x220d);
}

TEST(Checksum, EqualsTheWordByWordSumForAnyBytes) {
  Random random(1);
  for (int i = 0; i < 2'000; ++i) {
    const auto bytes = any_bytes(random, random.below(2'000));
    EXPECT_EQ(checksum_of(word_sum(bytes)), plain_checksum(bytes));
    EXPECT_EQ(checksum_of(sum_bytes(bytes).word_sum()), plain_checksum(bytes));
  }
}

TEST(Checksum, DoesNotOverflowOnTheLongestFrameOfOnes) {
  const std::vector<std::byte> bytes(1 << 20, std::byte{0xff});
  EXPECT_EQ(checksum_of(word_sum(bytes)), 0);
  EXPECT_EQ(checksum_of(sum_bytes(bytes).word_sum()), 0);
}

TEST(Checksum, FoldsAnySumToItsValueModulo65535) {
  Random random(2);
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t sum = random.next() >> random.below(64);
    const uint16_t folded = fold_checksum(sum);
    EXPECT_EQ(folded % 0xffff, sum % 0xffff);
    EXPECT_EQ(folded == 0, sum == 0);  // of the two zeros the positive one is only that of zero
  }
}

TEST(Checksum, UpdatesAsIfComputedAnew) {
  Random random(3);
  for (int i = 0; i < 10'000; ++i) {
    auto bytes = any_bytes(random, 20);
    const size_t at = 2 * random.below(10);
    const uint16_t before = load_be16(bytes.data() + at);
    const uint16_t checksum = checksum_of(word_sum(bytes));
    const auto after = static_cast<uint16_t>(random.next());
    store_be16(bytes.data() + at, after);
    const uint16_t updated = updated_checksum(checksum, before, after);
    EXPECT_EQ(fold_checksum(word_sum(bytes) + updated), 0xffff);
  }
}

TEST(ByteSums, OfAdjacentRunsCombineWhateverTheirLengths) {
  Random random(4);
  for (int i = 0; i < 2'000; ++i) {
    const auto bytes = any_bytes(random, random.below(200));
    const size_t a = random.below(bytes.size() + 1);
    const size_t b = a + random.below(bytes.size() - a + 1);
    const auto all = std::span<const std::byte>(bytes);
    const ByteSums whole = sum_bytes(bytes);
    const ByteSums first = sum_bytes(all.first(a));
    const ByteSums second = sum_bytes(all.subspan(a, b - a));
    const ByteSums third = sum_bytes(all.subspan(b));
    EXPECT_EQ(first.followed_by(second).followed_by(third), whole);
    EXPECT_EQ(first.followed_by(second.followed_by(third)), whole);
  }
}

TEST(ByteSums, TellPermutedBytesApart) {
  const std::vector<std::byte> one{std::byte{1}, std::byte{0}, std::byte{2}, std::byte{0}};
  const std::vector<std::byte> other{std::byte{2}, std::byte{0}, std::byte{1}, std::byte{0}};
  EXPECT_EQ(sum_bytes(one).word_sum(), sum_bytes(other).word_sum());
  EXPECT_NE(sum_bytes(one), sum_bytes(other));
}

}  // namespace
}  // namespace violin
