#include "models/tcp/tcp_rtt_estimator.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

using namespace literals;

TEST(TcpRttEstimator, StartsWithTheInitialTimeout) {
  TcpRttEstimator rtt(TcpTimeoutRule::kRfc6298, 1_s, 60_s);
  EXPECT_FALSE(rtt.has_sample());
  EXPECT_EQ(rtt.timeout(), 1_s);
  EXPECT_EQ(rtt.timeout_after(3), 8_s);
  EXPECT_EQ(rtt.timeout_after(30), 60_s);
}

TEST(TcpRttEstimator, ComputesTheTimeoutOfRfc6298FromItsFirstTwoSamples) {
  TcpRttEstimator rtt(TcpTimeoutRule::kRfc6298, 1_s, 60_s);
  rtt.sample({800_ms, 800_ms}, Time::zero());
  EXPECT_EQ(rtt.smoothed(), 800_ms);
  EXPECT_EQ(rtt.deviation(), 400_ms);
  EXPECT_EQ(rtt.timeout(), 2'400_ms);
  rtt.sample({1'600_ms, 1'600_ms}, Time::zero());
  // RTTVAR = 3/4 x 400 + 1/4 x |800 - 1600| = 500; SRTT = 7/8 x 800 + 1/8 x 1600 = 900.
  EXPECT_EQ(rtt.deviation(), 500_ms);
  EXPECT_EQ(rtt.smoothed(), 900_ms);
  EXPECT_EQ(rtt.timeout(), 2'900_ms);
}

TEST(TcpRttEstimator, NeverGoesBelowOneSecondByTheRfc) {
  TcpRttEstimator rtt(TcpTimeoutRule::kRfc6298, 1_s, 60_s);
  for (int i = 0; i < 50; ++i) rtt.sample({10_ms, 10_ms}, Time::zero());
  EXPECT_EQ(rtt.timeout(), 1_s);
}

TEST(TcpRttEstimator, StaysTwoHundredMillisecondsAboveTheRoundTripAsLinuxDoes) {
  TcpRttEstimator rtt(TcpTimeoutRule::kLinux, 1_s, 120_s);
  for (int i = 0; i < 100; ++i) rtt.sample({300_ms, 300_ms}, Time::zero());
  EXPECT_EQ(rtt.timeout(), 500_ms);
}

TEST(TcpRttEstimator, ForgetsTheMinimumOfAPathThatHasChanged) {
  TcpRttEstimator rtt(TcpTimeoutRule::kLinux, 1_s, 120_s);
  Time now = Time::zero();
  rtt.sample({10_ms, 10_ms}, now);
  EXPECT_EQ(rtt.minimum(), 10_ms);
  for (int i = 0; i < 9; ++i) rtt.sample({50_ms, 50_ms}, now += 1_s);
  EXPECT_EQ(rtt.minimum(), 10_ms);
  for (int i = 0; i < 12; ++i) rtt.sample({50_ms, 50_ms}, now += 1_s);
  EXPECT_EQ(rtt.minimum(), 50_ms);
  EXPECT_EQ(rtt.lifetime_minimum(), 10_ms);
}

TEST(TcpRttEstimator, FollowsTheSegmentThatWaitedLongestAndKeepsTheLeastOfTheNewest) {
  TcpRttEstimator rtt(TcpTimeoutRule::kLinux, 1_s, 120_s);
  for (int i = 0; i < 100; ++i) rtt.sample({90_ms, 50_ms}, Time::zero());
  EXPECT_EQ(rtt.smoothed(), 90_ms);
  EXPECT_EQ(rtt.minimum(), 50_ms);
}

}  // namespace
}  // namespace violin
