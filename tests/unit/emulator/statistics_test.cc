#include "emulator/results/statistics.hh"

#include <gtest/gtest.h>

#include <numeric>

namespace violin {
namespace {

using namespace literals;

TEST(Statistics, GivesTheStudentIntervalOfATextbookSample) {
  // t(0.975, 4) = 2.776445; s = 1.581139; half-width = t s / sqrt(5) = 1.963243.
  const std::vector<double> sample = {1, 2, 3, 4, 5};
  const Estimate result = estimate(sample);
  EXPECT_EQ(result.samples, 5u);
  EXPECT_DOUBLE_EQ(result.mean, 3);
  EXPECT_NEAR(result.stddev, 1.5811388, 1e-7);
  ASSERT_TRUE(result.ci95);
  EXPECT_NEAR(*result.ci95, 1.9632432, 1e-6);
}

TEST(Statistics, HasNoIntervalForOneSample) {
  const std::vector<double> sample = {7};
  EXPECT_FALSE(estimate(sample).ci95);
  EXPECT_EQ(estimate(sample).mean, 7);
  EXPECT_EQ(estimate({}).samples, 0u);
}

TEST(Statistics, MeansEqualValuesExactly) {
  const std::vector<double> sample(10, 0.1);
  EXPECT_EQ(mean(sample), 0.1);
  EXPECT_EQ(*estimate(sample).ci95, 0);
}

TEST(Statistics, TakesPercentilesByNearestRank) {
  std::vector<int> sample(20);
  std::iota(sample.begin(), sample.end(), 1);
  const std::span<const int> ascending(sample);
  EXPECT_EQ(percentile(ascending, 50), 10);
  EXPECT_EQ(percentile(ascending, 95), 19);
  EXPECT_EQ(percentile(ascending, 99), 20);
  EXPECT_EQ(percentile(ascending, 100), 20);
  EXPECT_EQ(percentile(ascending, 0.1), 1);
  EXPECT_EQ(percentile(ascending.first(1), 99), 1);
}

TEST(Statistics, GivesTheIntervalOfAMedianThatAssumesNoDistribution) {
  // Ranks 2 and 9 of ten: tables of the sign test (Conover, table A3).
  const MedianEstimate ten = median_estimate({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(ten.samples, 10u);
  EXPECT_EQ(ten.median, 5.5);
  ASSERT_TRUE(ten.ci95);
  EXPECT_EQ(ten.ci95->low, 2);
  EXPECT_EQ(ten.ci95->high, 9);
  const MedianEstimate six = median_estimate({1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(six.ci95);
  EXPECT_EQ(six.ci95->low, 1);
  EXPECT_EQ(six.ci95->high, 6);
  EXPECT_FALSE(median_estimate({1, 2, 3, 4, 5}).ci95);
  EXPECT_EQ(median_estimate({7, 1, 5}).median, 5);
  EXPECT_EQ(median_estimate({}).samples, 0u);
}

TEST(Statistics, PairsBySharedKeysOnly) {
  const Estimate result =
      paired_difference({{"1", 10}, {"2", 20}, {"3", 99}}, {{"1", 11}, {"2", 23}, {"4", 0}});
  EXPECT_EQ(result.samples, 2u);
  EXPECT_DOUBLE_EQ(result.mean, 2);
}

TEST(Statistics, FindsEqualSharesFairAndASingleWinnerUnfair) {
  EXPECT_DOUBLE_EQ(jain_index(std::vector<double>{3, 3, 3, 3}), 1);
  EXPECT_DOUBLE_EQ(jain_index(std::vector<double>{3, 0, 0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(jain_index(std::vector<double>{0, 0}), 1);
}

TEST(Statistics, SummarisesDurationsWhateverTheirOrder) {
  const DurationSummary summary = summarise({30_ms, 10_ms, 20_ms});
  EXPECT_EQ(summary.samples, 3u);
  EXPECT_EQ(summary.min, 10_ms);
  EXPECT_EQ(summary.p50, 20_ms);
  EXPECT_EQ(summary.max, 30_ms);
  EXPECT_DOUBLE_EQ(summary.mean_ns, 20e6);
  EXPECT_DOUBLE_EQ(summary.stddev_ns, 10e6);
  EXPECT_EQ(summarise(std::vector<Duration>{}).samples, 0u);
}

}  // namespace
}  // namespace violin
