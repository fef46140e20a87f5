#include "models/link/log_histogram.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

constexpr Duration ns(int64_t value) { return Duration::nanoseconds(value); }

TEST(LogHistogram, IsExactBelowThirtyTwo) {
  LogHistogram histogram;
  for (int64_t value = 1; value <= 20; ++value) histogram.add(ns(value));
  for (uint32_t percent = 5; percent <= 100; percent += 5) {
    EXPECT_EQ(histogram.percentile(percent * 10).ns(), percent / 5) << percent;
  }
}

TEST(LogHistogram, APercentileIsAtMostOneSixteenthAboveTheTrueOneAndNeverBelow) {
  Random random(7);
  LogHistogram histogram;
  std::vector<int64_t> values;
  for (int i = 0; i < 5'000; ++i) {
    // Every order of magnitude.
    values.push_back(static_cast<int64_t>(random.next() >> (1 + random.below(62))));
    histogram.add(ns(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (uint32_t per_mille = 1; per_mille <= 1000; ++per_mille) {
    const size_t rank = (values.size() * per_mille + 999) / 1000;
    const int64_t truth = values[rank - 1];
    const int64_t read = histogram.percentile(per_mille).ns();
    EXPECT_GE(read, truth) << per_mille;
    EXPECT_LE(read - truth, truth / 16) << per_mille;
  }
}

TEST(LogHistogram, KnowsCountMeanExtremesAndDeviationExactly) {
  LogHistogram histogram;
  for (const int64_t value : {1'000, 3'000, 5'000, 7'000}) histogram.add(ns(value));
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.mean(), ns(4'000));
  EXPECT_EQ(histogram.min(), ns(1'000));
  EXPECT_EQ(histogram.max(), ns(7'000));
  // The sample variance of 1, 3, 5, 7 is 20/3.
  EXPECT_NEAR(histogram.standard_deviation_ns(), 2581.9888974716, 1e-6);
}

TEST(LogHistogram, TheHighestPercentileIsTheMaximum) {
  LogHistogram histogram;
  histogram.add(ns(1'000'001));
  EXPECT_EQ(histogram.percentile(1000), ns(1'000'001));
  EXPECT_EQ(histogram.percentile(500), ns(1'000'001));
}

TEST(LogHistogram, TakesTheLongestAndNegativeSpans) {
  LogHistogram histogram;
  histogram.add(Duration::max());
  histogram.add(ns(-5));
  EXPECT_EQ(histogram.max(), Duration::max());
  EXPECT_EQ(histogram.min(), Duration());
  EXPECT_EQ(histogram.percentile(1000), Duration::max());
  EXPECT_EQ(histogram.percentile(500), Duration());
}

TEST(LogHistogram, SaysZeroWhenNothingWasAdded) {
  const LogHistogram histogram;
  EXPECT_EQ(histogram.mean(), Duration());
  EXPECT_EQ(histogram.min(), Duration());
  EXPECT_EQ(histogram.percentile(990), Duration());
  EXPECT_EQ(histogram.standard_deviation_ns(), 0);
}

TEST(LogHistogram, ListsItsBinsThatAreNotEmpty) {
  LogHistogram histogram;
  for (const int64_t ns : {3, 3, 40, 1000}) histogram.add(Duration::nanoseconds(ns));
  const std::vector<LogHistogram::Bin> bins = histogram.bins();
  ASSERT_EQ(bins.size(), 3u);
  EXPECT_EQ(bins[0].up_to.ns(), 3);
  EXPECT_EQ(bins[0].count, 2u);
  EXPECT_EQ(bins[1].up_to.ns(), 41);
  EXPECT_GE(bins[2].up_to.ns(), 1000);
  EXPECT_EQ(bins[2].count, 1u);
}

}  // namespace
}  // namespace violin
