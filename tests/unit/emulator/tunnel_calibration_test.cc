#include "emulator/results/tunnel_calibration.hh"

#include <gtest/gtest.h>

#include <vector>

namespace violin {
namespace {

using namespace literals;

// What a tunnel of this cost would show: the rates of its receiver, and round trips over four
// passages on top of 50 us between the hosts.
CalibrationRound round_of(const ProcessingCost& cost, uint32_t header) {
  const auto seconds = [](Duration span) { return static_cast<double>(span.ns()) * 1e-9; };
  const auto round_trip = [&](uint32_t frame) {
    const Duration one_way = cost.of(frame) + cost.of(frame + header) + cost.latency * 2;
    return 50_us + one_way * 2;
  };
  CalibrationRound round;
  round.host_small = round.host_large = 50_us;
  round.vm_small = round_trip(98);
  round.vm_large = round_trip(1242);
  round.tcp_bps = 1448 * 8 / seconds(cost.of(757 + header) * 2);
  round.small_per_second = 1 / seconds(cost.of(106 + header));
  return round;
}

TEST(TunnelCalibration, FindsTheCostOfATunnelThatFollowsTheModel) {
  const ProcessingCost cost{3_us, 10_us, 20_us};
  for (const bool encrypted : {false, true}) {
    const TunnelFigures<double> figures =
        figures_of(round_of(cost, encrypted ? 48 : 32), encrypted);
    EXPECT_NEAR(figures.per_frame, 3000, 5);
    EXPECT_NEAR(figures.per_kibibyte, 10'000, 10);
    EXPECT_NEAR(figures.latency, 20'000, 10);
  }
}

TEST(TunnelCalibration, SplitsTheTimePerPassageIntoAConstantAndASlope) {
  CalibrationRound round = round_of({3_us, 10_us, 20_us}, 32);
  round.host_small = 60_us;
  round.vm_small = 60_us + 25_us * 4;
  round.host_large = 100_us;
  round.vm_large = 100_us + 36_us * 4;
  const TunnelFigures<double> figures = figures_of(round, false);
  EXPECT_DOUBLE_EQ(figures.added_small, 25'000);
  EXPECT_DOUBLE_EQ(figures.added_large, 36'000);
  EXPECT_NEAR(figures.added_per_kibibyte, 11'000.0 * 1024 / 1144, 1e-6);
  EXPECT_NEAR(figures.added_constant, 25'000 - 11'000.0 * 98 / 1144, 1e-6);
  // The rest, in the middle of both.
  EXPECT_NEAR(figures.latency, 30'500 - 3000 - 10'000.0 * (670 + 16) / 1024, 10);
}

TEST(TunnelCalibration, ExplainsBulkAloneWhereSuperFramesShareTheCostOfAFrame) {
  CalibrationRound round = round_of({5_us, Duration(), 20_us}, 32);
  round.tcp_bps *= 4;
  const TunnelFigures<double> figures = figures_of(round, false);
  EXPECT_DOUBLE_EQ(figures.per_frame, 1250);
  EXPECT_EQ(figures.per_kibibyte, 0);
  EXPECT_NEAR(figures.latency, 20'000 + 3750, 1);
  const ProcessingCost cost{.per_frame = 1250_ns};
  EXPECT_EQ(small_interval_of(cost, false), 1250_ns);
  EXPECT_DOUBLE_EQ(figures.small_interval, 5000);
}

TEST(TunnelCalibration, TakesNothingForACostThatIsLessThanNothing) {
  // Small frames that cost less than their share of a full one: all of it is per byte.
  CalibrationRound round = round_of({Duration(), 10_us, 20_us}, 48);
  round.small_per_second *= 2;
  EXPECT_EQ(figures_of(round, true).per_frame, 0);
  EXPECT_NEAR(figures_of(round, true).per_kibibyte, 10'000, 10);
  // A round trip over the tunnel that is hardly longer than without it.
  round.vm_small = round.host_small;
  round.vm_large = round.host_large;
  EXPECT_EQ(figures_of(round, true).latency, 0);
}

TEST(TunnelCalibration, TakesTheMedianOfEachFigureOverTheRounds) {
  std::vector<CalibrationRound> rounds;
  for (const int64_t latency : {21, 19, 20, 500, 22, 18, 20}) {
    rounds.push_back(round_of({3_us, 10_us, Duration::microseconds(latency)}, 32));
  }
  const TunnelFigures<MedianEstimate> figures = figures_of(rounds, false);
  EXPECT_NEAR(figures.latency.median, 20'000, 10);
  ASSERT_TRUE(figures.latency.ci95);
  EXPECT_NEAR(figures.latency.ci95->low, 18'000, 10);
  EXPECT_NEAR(figures.latency.ci95->high, 500'000, 10);
  const ProcessingCost cost = cost_of(figures);
  EXPECT_NEAR(static_cast<double>(cost.per_frame.ns()), 3000, 5);
  EXPECT_NEAR(static_cast<double>(cost.per_kibibyte.ns()), 10'000, 10);
  EXPECT_NEAR(static_cast<double>(cost.latency.ns()), 20'000, 10);
}

}  // namespace
}  // namespace violin
