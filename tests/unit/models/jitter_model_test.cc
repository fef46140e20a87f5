#include "models/link/jitter_model.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/statistics.hh"

namespace violin {

constexpr const char* kDistributions[] = {"Uniform", "Normal", "Pareto", "ParetoNormal"};

// Names the test case; of violin, for the type is.
static void PrintTo(JitterSpec::Distribution distribution, std::ostream* out) {
  *out << kDistributions[static_cast<size_t>(distribution)];
}

namespace {

using namespace literals;
using testing::autocorrelation_of;
using testing::deviation_of;
using testing::kolmogorov_smirnov_p;
using testing::kRejected;
using testing::mean_of;
using Distribution = JitterSpec::Distribution;

constexpr int kFrames = 200'000;

// In units of the standard deviation asked for.
std::vector<double> deviations(const JitterSpec& spec, uint64_t seed, int frames = kFrames) {
  Random random(seed);
  JitterModel model(spec);
  std::vector<double> sample;
  for (int i = 0; i < frames; ++i) {
    sample.push_back(static_cast<double>(model.draw(random).ns()) /
                     static_cast<double>(spec.stddev.ns()));
  }
  return sample;
}

JitterSpec jitter(Distribution distribution, Probability correlation = {}) {
  return {.stddev = 5_ms, .distribution = distribution, .correlation = correlation};
}

double pareto_law(double x) {
  const double value = 1.5 + x * std::sqrt(0.75);
  return value <= 1 ? 0 : 1 - std::pow(value, -3);
}

TEST(JitterModel, DrawsNothingWithoutJitter) {
  Random random(1);
  Random untouched(1);
  JitterModel model;
  EXPECT_TRUE(model.is_none());
  EXPECT_EQ(model.draw(random), Duration());
  EXPECT_EQ(random.next(), untouched.next());
}

TEST(JitterModel, SpreadsUniformlyOverItsHalfWidth) {
  const auto sample = deviations(jitter(Distribution::kUniform), 1);
  EXPECT_GT(
      kolmogorov_smirnov_p(sample, [](double x) { return std::clamp((x + 1) / 2, 0.0, 1.0); }),
      kRejected);
  EXPECT_LE(*std::max_element(sample.begin(), sample.end()), 1);
  EXPECT_GE(*std::min_element(sample.begin(), sample.end()), -1);
}

TEST(JitterModel, SpreadsNormally) {
  const boost::math::normal law;
  const auto sample = deviations(jitter(Distribution::kNormal), 2);
  EXPECT_GT(kolmogorov_smirnov_p(sample, [&](double x) { return cdf(law, x); }), kRejected);
  EXPECT_NEAR(deviation_of(sample), 1, 4 / std::sqrt(2.0 * kFrames));
}

TEST(JitterModel, SpreadsAsAParetoOfShapeThree) {
  const auto sample = deviations(jitter(Distribution::kPareto), 3);
  EXPECT_GT(kolmogorov_smirnov_p(sample, pareto_law), kRejected);
  EXPECT_NEAR(mean_of(sample), 0, 4 / std::sqrt(kFrames));
  // Its fourth moment is infinite, so the sample's deviation settles slowly.
  EXPECT_NEAR(deviation_of(sample), 1, 0.1);
}

TEST(JitterModel, SpreadsAsAQuarterNormalAndThreeQuartersPareto) {
  const auto sample = deviations(jitter(Distribution::kParetoNormal), 4, 20'000);
  const boost::math::normal bell;
  // P(bell + 3 pareto <= sqrt(10) x), by summing over the bell in steps of 1/20.
  const auto law = [&](double x) {
    double sum = 0;
    for (int i = -160; i <= 160; ++i) {
      const double z = i / 20.0;
      sum += pdf(bell, z) / 20 * pareto_law((std::sqrt(10.0) * x - z) / 3);
    }
    return sum;
  };
  EXPECT_GT(kolmogorov_smirnov_p(sample, law), kRejected);
  const auto more = deviations(jitter(Distribution::kParetoNormal), 5);
  EXPECT_NEAR(mean_of(more), 0, 4 / std::sqrt(kFrames));
  EXPECT_NEAR(deviation_of(more), 1, 0.1);
}

class JitterCorrelation : public ::testing::TestWithParam<Distribution> {};

TEST_P(JitterCorrelation, KeepsMeanAndDeviationAndFallsGeometrically) {
  const double unit = GetParam() == Distribution::kUniform ? 1 / std::sqrt(3.0) : 1;
  for (const uint64_t percent : {30, 80}) {
    const double rho = static_cast<double>(percent) / 100;
    const auto sample = deviations(jitter(GetParam(), Probability::ratio(percent, 100)), percent);
    EXPECT_NEAR(mean_of(sample), 0, 4 * unit * std::sqrt((1 + rho) / (1 - rho) / kFrames));
    EXPECT_NEAR(deviation_of(sample), unit, GetParam() == Distribution::kNormal ? 0.02 : 0.1);
    for (size_t distance = 1; distance <= 3; ++distance) {
      EXPECT_NEAR(autocorrelation_of(sample, distance),
                  std::pow(rho, static_cast<double>(distance)), 0.02);
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<Distribution>& kind) {
  return kDistributions[static_cast<size_t>(kind.param)];
}

INSTANTIATE_TEST_SUITE_P(Of, JitterCorrelation,
                         ::testing::Values(Distribution::kUniform, Distribution::kNormal,
                                           Distribution::kPareto, Distribution::kParetoNormal),
                         name_of);

TEST(JitterModel, StaysNormalUnderCorrelation) {
  const boost::math::normal law;
  const auto sample =
      deviations(jitter(Distribution::kNormal, Probability::ratio(1, 2)), 9, 2'000'000);
  std::vector<double> apart;  // far enough to be independent: 2^-20
  for (size_t i = 0; i < sample.size(); i += 20) apart.push_back(sample[i]);
  EXPECT_GT(kolmogorov_smirnov_p(apart, [&](double x) { return cdf(law, x); }), kRejected);
}

TEST(JitterModel, KeepsItsFirstDeviationAtFullCorrelation) {
  Random random(10);
  JitterModel model(jitter(Distribution::kNormal, Probability::always()));
  const Duration first = model.draw(random);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(model.draw(random), first);
}

}  // namespace
}  // namespace violin
