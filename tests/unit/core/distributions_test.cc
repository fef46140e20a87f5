#include "core/distributions.hh"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <ostream>
#include <vector>

#include "tests/support/statistics.hh"

namespace violin {

// Names the test case; of violin, for the type is.
static void PrintTo(const ParetoShape& shape, std::ostream* out) {
  *out << shape.numerator << " / " << shape.denominator;
}

namespace {

using namespace literals;
using testing::chi_square_p;
using testing::deviation_of;
using testing::kolmogorov_smirnov_p;
using testing::kRejected;
using testing::mean_of;

constexpr int kDraws = 200'000;

template <class Draw>
std::vector<double> draws(Draw draw, int count = kDraws) {
  std::vector<double> sample;
  for (int i = 0; i < count; ++i) sample.push_back(draw());
  return sample;
}

TEST(Exponential, HasItsDistributionFunction) {
  Random random(1);
  const auto sample = draws([&] { return exponential(random).to_double(); });
  EXPECT_GT(kolmogorov_smirnov_p(sample, [](double x) { return -std::expm1(-x); }), kRejected);
}

TEST(Exponential, FillsItsTailAsItShould) {
  Random random(2);
  std::vector<double> observed(14), expected(14);
  for (int i = 0; i < kDraws * 5; ++i) {
    const auto whole = static_cast<size_t>(exponential(random).parts() >> 32);
    observed[std::min<size_t>(whole, 13)] += 1;
  }
  for (int k = 0; k < 14; ++k) {
    expected[static_cast<size_t>(k)] =
        5.0 * kDraws * (k < 13 ? std::exp(-k) - std::exp(-k - 1) : std::exp(-13));
  }
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

TEST(Exponential, SpacesEventsByItsMeanAndNeverBackwards) {
  Random random(3);
  const Duration mean = 2_ms;
  const auto sample = draws([&] {
    const Duration span = exponential(random, mean);
    EXPECT_GE(span, Duration());
    return static_cast<double>(span.ns()) / 2e6;
  });
  EXPECT_GT(kolmogorov_smirnov_p(sample, [](double x) { return -std::expm1(-x); }), kRejected);
}

TEST(Exponential, IsZeroForAMeanOfZeroAndBoundedForTheGreatest) {
  Random random(4);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(exponential(random, Duration()), Duration());
    EXPECT_GE(exponential(random, Duration::max()), Duration());
  }
}

TEST(Exponential, RoundsToTheNearestNanosecond) {
  // With a mean of 1 ns zero is drawn for less than half of one: 1 - exp(-1/2).
  Random random(5);
  std::vector<double> observed(6), expected(6);
  for (int i = 0; i < kDraws; ++i) {
    const auto span = static_cast<size_t>(exponential(random, 1_ns).ns());
    observed[std::min<size_t>(span, 5)] += 1;
  }
  double below = 0;
  for (size_t k = 0; k < 5; ++k) {
    const double until = -std::expm1(-(static_cast<double>(k) + 0.5));
    expected[k] = kDraws * (until - below);
    below = until;
  }
  expected[5] = kDraws * (1 - below);
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

TEST(Normal, HasItsDistributionFunction) {
  Random random(6);
  const boost::math::normal law;
  const auto sample = draws([&] { return normal(random).to_double(); });
  EXPECT_GT(kolmogorov_smirnov_p(sample, [&](double x) { return cdf(law, x); }), kRejected);
  EXPECT_NEAR(mean_of(sample), 0, 4 / std::sqrt(kDraws));
  EXPECT_NEAR(deviation_of(sample), 1, 4 / std::sqrt(2.0 * kDraws));
}

TEST(Normal, FillsBothTailsAsItShould) {
  Random random(7);
  const boost::math::normal law;
  constexpr int kMany = 2'000'000;
  std::vector<double> observed(10), expected(10);
  const auto cell = [](double x) {
    return static_cast<size_t>(std::clamp(std::floor(x) + 5, 0.0, 9.0));
  };
  for (int i = 0; i < kMany; ++i) observed[cell(normal(random).to_double())] += 1;
  for (int k = 0; k < 10; ++k) {
    const double low = k == 0 ? 0 : cdf(law, k - 5);
    const double high = k == 9 ? 1 : cdf(law, k - 4);
    expected[static_cast<size_t>(k)] = kMany * (high - low);
  }
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
  EXPECT_GT(observed[0] + observed[9], 50);  // beyond four deviations: 127 are expected
}

class ParetoLaw : public ::testing::TestWithParam<ParetoShape> {};

TEST_P(ParetoLaw, HasItsDistributionFunction) {
  Random random(8);
  const double shape = static_cast<double>(GetParam().numerator) / GetParam().denominator;
  const auto sample = draws([&] { return pareto(random, GetParam()).to_double(); });
  EXPECT_GT(
      kolmogorov_smirnov_p(sample, [&](double x) { return x <= 1 ? 0 : 1 - std::pow(x, -shape); }),
      kRejected);
}

INSTANTIATE_TEST_SUITE_P(OfShape, ParetoLaw,
                         ::testing::Values(ParetoShape{3, 1}, ParetoShape{6, 5}, ParetoShape{1, 1},
                                           ParetoShape{5, 2}, ParetoShape{1, 3}),
                         [](const auto& shape) {
                           return std::to_string(shape.param.numerator) + "Over" +
                                  std::to_string(shape.param.denominator);
                         });

TEST(Deviate, ScalesASpanRoundedToTheNearestNanosecond) {
  const auto half = Deviate::from_parts(Deviate::kOne / 2);
  EXPECT_EQ(half.of(Duration::nanoseconds(10)), 5_ns);
  EXPECT_EQ(half.of(Duration::nanoseconds(5)), 3_ns);  // halves go up
  EXPECT_EQ(Deviate::from_parts(-Deviate::kOne / 2).of(Duration::nanoseconds(5)), -2_ns);
  EXPECT_EQ(Deviate::from_parts(-3 * Deviate::kOne).of(1_s), -3_s);
  EXPECT_EQ(Deviate::from_parts(5 * Deviate::kOne).of(Duration::max()), Duration::max());
}

// The bytes of results must not change unnoticed: these are what the first version drew.
TEST(Distributions, DrawTheSameNumbersOnEveryMachine) {
  Random random(42);
  EXPECT_EQ(exponential(random).parts(), 7306321760);
  EXPECT_EQ(normal(random).parts(), 4833351935);
  EXPECT_EQ(pareto(random, {3, 1}).parts(), 4601682712);
  EXPECT_EQ(exponential(random, 1_s).ns(), 1546003839);
}

}  // namespace
}  // namespace violin
