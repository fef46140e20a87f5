#include "core/random.hh"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/statistics.hh"

namespace violin {
namespace {

using testing::chi_square_p;
using testing::kRejected;

TEST(Random, IsXoshiro256PlusPlusSeededBySplitMix64) {
  // The state that SplitMix64 makes of seed 0 begins with e220a8397b1dcdaf, 6e789e6aa1b965f4,
  // 06c45d188009454f, f88bb8a8724c81ec (Vigna's reference code); the generator's first number is
  // rotl(s0 + s3, 23) + s0.
  const uint64_t s0 = 0xe220a8397b1dcdaf;
  const uint64_t s3 = 0xf88bb8a8724c81ec;
  const uint64_t sum = s0 + s3;
  EXPECT_EQ(Random(0).next(), ((sum << 23) | (sum >> 41)) + s0);
}

TEST(Random, DrawsEqualSequencesFromEqualSeedsAndOthersFromOthers) {
  Random one(7), same(7), other(8);
  bool differs = false;
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t drawn = one.next();
    EXPECT_EQ(drawn, same.next());
    differs |= drawn != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, DrawsBelowAnyBoundEvenly) {
  Random random(1);
  for (const uint64_t bound : {uint64_t{2}, uint64_t{7}, uint64_t{100}}) {
    std::vector<double> observed(bound), expected(bound, 100'000.0 / static_cast<double>(bound));
    for (int i = 0; i < 100'000; ++i) observed[random.below(bound)] += 1;
    EXPECT_GT(chi_square_p(observed, expected), kRejected) << bound;
  }
}

TEST(Random, HasNoBiasBelowABoundThatHardlyDividesTheRange) {
  // Below 3/4 x 2^64, taking the high half of the product alone would give a third of the
  // values twice.
  Random random(2);
  const uint64_t bound = uint64_t{3} << 62;
  std::vector<double> observed(3), expected(3, 100'000);
  for (int i = 0; i < 300'000; ++i) observed[random.below(bound) % 3] += 1;
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

TEST(Random, AlwaysDrawsZeroBelowOne) {
  Random random(3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, TakesAChanceWithItsProbability) {
  Random random(4);
  for (const uint64_t percent : {1, 50, 99}) {
    std::vector<double> observed(2);
    const double share = static_cast<double>(percent) / 100;
    for (int i = 0; i < 200'000; ++i) {
      observed[random.chance(Probability::ratio(percent, 100)) ? 1 : 0] += 1;
    }
    EXPECT_GT(chi_square_p(observed, {200'000 * (1 - share), 200'000 * share}), kRejected);
  }
}

TEST(Random, NeverTakesAChanceOfZeroAndAlwaysOneOfOne) {
  Random random(5);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_FALSE(random.chance(Probability::never()));
    ASSERT_TRUE(random.chance(Probability::always()));
  }
}

TEST(Random, SetsEachOfItsBitsHalfTheTime) {
  Random random(6);
  std::vector<double> observed(64), expected(64, 50'000);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t drawn = random.next();
    for (size_t bit = 0; bit < 64; ++bit) observed[bit] += static_cast<double>(drawn >> bit & 1);
  }
  for (size_t bit = 0; bit < 64; ++bit) {
    EXPECT_GT(chi_square_p({observed[bit], 100'000 - observed[bit]}, {50'000, 50'000}), 1e-5);
  }
}

TEST(Substream, IsOfTheSeedTheEntityAndThePurpose) {
  const std::set<uint64_t> firsts{
      substream(1, "a", "loss").next(), substream(2, "a", "loss").next(),
      substream(1, "b", "loss").next(), substream(1, "a", "jitter").next(),
      substream(1, "al", "oss").next(), substream(1, "loss", "a").next()};
  EXPECT_EQ(firsts.size(), 6u);
  EXPECT_EQ(substream(1, "a", "loss").next(), substream(1, "a", "loss").next());
}

TEST(StableHash, IsTheSameInEveryVersion) {
  // XXH3 of the empty string with seed 0, from the reference implementation's test vectors.
  EXPECT_EQ(stable_hash("", 0), 0x2d06800538d394c2u);
}

TEST(StableHash, SpreadsNamesThatDifferLittle) {
  std::vector<double> observed(16), expected(16, 10'000.0 / 16);
  for (int i = 0; i < 10'000; ++i) observed[stable_hash("h" + std::to_string(i), 1) >> 60] += 1;
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

}  // namespace
}  // namespace violin
