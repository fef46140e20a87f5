#include "models/link/loss_model.hh"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "tests/support/statistics.hh"

namespace violin {
namespace {

using testing::autocorrelation_of;
using testing::chi_square_p;
using testing::kRejected;

constexpr int kFrames = 1'000'000;

std::vector<bool> outcomes(const LossSpec& spec, uint64_t seed, int frames = kFrames) {
  Random random(seed);
  const auto model = make_loss_model(spec);
  std::vector<bool> lost;
  for (int i = 0; i < frames; ++i) lost.push_back(model->lost(random));
  return lost;
}

double share_of(const std::vector<bool>& lost) {
  double count = 0;
  for (bool one : lost) count += one ? 1 : 0;
  return count / static_cast<double>(lost.size());
}

// How often runs of `value` have each length; the last class is that length and longer.
std::vector<double> run_lengths(const std::vector<bool>& lost, bool value, size_t classes) {
  std::vector<double> counts(classes + 1);
  size_t length = 0;
  for (bool one : lost) {
    if (one == value) {
      ++length;
      continue;
    }
    if (length > 0) counts[std::min(length, classes)] += 1;
    length = 0;
  }
  return counts;
}

// Runs that go on with probability `stay`, as many as were observed.
std::vector<double> geometric(const std::vector<double>& observed, double stay) {
  double runs = 0;
  for (double count : observed) runs += count;
  std::vector<double> expected(observed.size());
  for (size_t k = 1; k < expected.size(); ++k) {
    const double longer = std::pow(stay, static_cast<double>(k) - 1);
    expected[k] = runs * longer * (k + 1 < expected.size() ? 1 - stay : 1);
  }
  return expected;
}

void expect_geometric(const std::vector<bool>& lost, bool value, double stay) {
  const std::vector<double> observed = run_lengths(lost, value, 200);
  EXPECT_GT(chi_square_p(observed, geometric(observed, stay)), kRejected)
      << (value ? "lost" : "received") << " runs, going on with " << stay;
}

GilbertElliottLoss gilbert(Probability p, Probability r) {
  GilbertElliottLoss spec;
  spec.p = p;
  spec.r = r;
  return spec;
}

std::vector<double> as_numbers(const std::vector<bool>& lost) { return {lost.begin(), lost.end()}; }

TEST(LossModel, IsNoneWhereNothingIsEverLost) {
  EXPECT_EQ(make_loss_model(LossSpec{}), nullptr);
  EXPECT_EQ(make_loss_model(BernoulliLoss{}), nullptr);
}

TEST(BernoulliLoss, LosesEachFrameIndependently) {
  const auto lost = outcomes(BernoulliLoss{Probability::ratio(3, 100), {}}, 1);
  constexpr size_t kBlock = 100;
  std::vector<double> observed(kBlock + 1), expected(kBlock + 1);
  for (size_t begin = 0; begin < lost.size(); begin += kBlock) {
    size_t count = 0;
    for (size_t i = 0; i < kBlock; ++i) count += lost[begin + i] ? 1 : 0;
    observed[count] += 1;
  }
  double chance = std::pow(0.97, kBlock);
  for (size_t k = 0; k <= kBlock; ++k) {  // binomial
    expected[k] = chance * kFrames / kBlock;
    chance *= static_cast<double>(kBlock - k) / static_cast<double>(k + 1) * 3 / 97;
  }
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
  expect_geometric(lost, true, 0.03);
  expect_geometric(lost, false, 0.97);
}

TEST(BernoulliLoss, LosesEveryFrameAtOneHundredPercent) {
  EXPECT_EQ(share_of(outcomes(BernoulliLoss{Probability::always(), {}}, 2, 10'000)), 1);
}

TEST(BernoulliLoss, KeepsItsRateAndHasTheCorrelationAskedFor) {
  for (const uint64_t percent : {25, 50, 90}) {
    const double rho = static_cast<double>(percent) / 100;
    const auto lost = outcomes(
        BernoulliLoss{Probability::ratio(1, 10), Probability::ratio(percent, 100)}, percent);
    // Correlation leaves fewer independent frames: (1 - rho) / (1 + rho) of them.
    const double deviation = std::sqrt(0.09 / kFrames * (1 + rho) / (1 - rho));
    EXPECT_NEAR(share_of(lost), 0.1, 4 * deviation);
    for (size_t distance = 1; distance <= 3; ++distance) {
      EXPECT_NEAR(autocorrelation_of(as_numbers(lost), distance),
                  std::pow(rho, static_cast<double>(distance)), 0.01);
    }
    expect_geometric(lost, true, 0.1 + 0.9 * rho);
    expect_geometric(lost, false, 0.9 + 0.1 * rho);
  }
}

TEST(CorrelatedChance, BeginsInItsLongRunState) {
  Random random(3);
  constexpr int kChains = 100'000;
  std::vector<double> observed(2), expected{0.7 * kChains, 0.3 * kChains};
  for (int i = 0; i < kChains; ++i) {
    CorrelatedChance chance(Probability::ratio(3, 10), Probability::ratio(9, 10));
    observed[chance.draw(random) ? 1 : 0] += 1;
  }
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

TEST(CorrelatedChance, IsAlwaysNoAtZeroAndAlwaysTheFirstAtFullCorrelation) {
  Random random(4);
  CorrelatedChance never(Probability::never(), Probability::ratio(1, 2));
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(never.draw(random));
  CorrelatedChance same(Probability::ratio(1, 2), Probability::always());
  const bool first = same.draw(random);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(same.draw(random), first);
}

TEST(GilbertElliottLoss, HasItsStationaryLossAndGeometricBursts) {
  const auto lost = outcomes(gilbert(Probability::ratio(1, 100), Probability::ratio(20, 100)), 5);
  // The variance of a mean over a two-state chain with eigenvalue 1 - p - r = 0.79.
  const double share = 0.01 / 0.21;
  const double deviation = std::sqrt(share * (1 - share) / kFrames * 1.79 / 0.21);
  EXPECT_NEAR(share_of(lost), share, 4 * deviation);
  expect_geometric(lost, true, 0.80);
  expect_geometric(lost, false, 0.99);
}

TEST(GilbertElliottLoss, LosesByTheStateAFrameIsSentIn) {
  const GilbertElliottLoss spec{.p = Probability::ratio(5, 100),
                                .r = Probability::ratio(15, 100),
                                .loss_bad = Probability::ratio(60, 100),
                                .loss_good = Probability::ratio(2, 100)};
  const auto lost = outcomes(spec, 6);
  EXPECT_NEAR(share_of(lost), 0.75 * 0.02 + 0.25 * 0.60, 0.003);
  // Losses k frames apart are correlated by the states alone: variance of the state's loss rate
  // times 0.8^k, over the variance of a loss.
  const double rate = 0.165;
  const double between = 0.75 * 0.25 * 0.58 * 0.58;
  for (size_t distance = 1; distance <= 3; ++distance) {
    EXPECT_NEAR(autocorrelation_of(as_numbers(lost), distance),
                between * std::pow(0.8, static_cast<double>(distance)) / (rate * (1 - rate)), 0.01);
  }
}

TEST(GilbertElliottLoss, BeginsInTheGoodState) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_FALSE(outcomes(gilbert(Probability::always(), Probability::never()), seed, 1)[0]);
  }
}

// The chain of Salsano et al.: its long-run shares, by repeated multiplication.
std::array<double, 4> stationary(double p13, double p31, double p32, double p23, double p14) {
  std::array<double, 4> share{1, 0, 0, 0};  // states 1 to 4
  for (int i = 0; i < 10'000; ++i) {
    share = {share[0] * (1 - p13 - p14) + share[2] * p31 + share[3],
             share[1] * (1 - p23) + share[2] * p32,
             share[0] * p13 + share[1] * p23 + share[2] * (1 - p31 - p32), share[0] * p14};
  }
  return share;
}

TEST(FourStateLoss, HasItsStationaryLossAndRunLengths) {
  const FourStateLoss spec{.p13 = Probability::ratio(2, 100),
                           .p31 = Probability::ratio(10, 100),
                           .p32 = Probability::ratio(30, 100),
                           .p23 = Probability::ratio(50, 100),
                           .p14 = Probability::ratio(1, 100)};
  const auto lost = outcomes(spec, 7);
  const auto share = stationary(0.02, 0.10, 0.30, 0.50, 0.01);
  EXPECT_NEAR(share_of(lost), share[2] + share[3], 0.003);
  // A run of losses is one long when it is isolated (4) or leaves state 3 at once.
  const double from_four = share[3];
  const double into_three = share[0] * 0.02 + share[1] * 0.50;
  const double isolated = from_four / (from_four + into_three);
  std::vector<double> observed = run_lengths(lost, true, 60);
  std::vector<double> expected = geometric(observed, 0.60);
  double runs = 0;
  for (double count : observed) runs += count;
  for (double& count : expected) count *= 1 - isolated;
  expected[1] += runs * isolated;
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

TEST(FourStateLoss, FollowsAnIsolatedLossByAReception) {
  FourStateLoss isolated;
  isolated.p14 = Probability::ratio(1, 2);
  const auto lost = outcomes(isolated, 8);
  for (size_t i = 1; i < lost.size(); ++i) ASSERT_FALSE(lost[i] && lost[i - 1]);
  EXPECT_NEAR(share_of(lost), 1.0 / 3, 0.002);
}

}  // namespace
}  // namespace violin
