#pragma once

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

// Tests of samples against the law they were drawn from. Samples come from seeded generators, so a
// test that passes once always passes; kRejected says how unlikely a sample must be to be taken for
// one of another law.

namespace violin::testing {

constexpr double kRejected = 1e-3;

// The probability of counts that deviate from the expected ones as much as these or more.
// Neighbouring classes are joined until at least ten are expected.
inline double chi_square_p(const std::vector<double>& observed,
                           const std::vector<double>& expected) {
  double statistic = 0, seen = 0, due = 0, rest = 0;
  for (double count : expected) rest += count;
  int classes = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    seen += observed[i];
    due += expected[i];
    rest -= expected[i];
    if (i + 1 < expected.size() && (due < 10 || rest < 10)) continue;
    statistic += (seen - due) * (seen - due) / due;
    ++classes;
    seen = due = 0;
  }
  return cdf(complement(boost::math::chi_squared(classes - 1), statistic));
}

// The probability that a sample of the law with this distribution function deviates from it as much
// as this one or more (Kolmogorov's limit; the sample must be large).
template <class Law>
double kolmogorov_smirnov_p(std::vector<double> sample, Law law) {
  std::sort(sample.begin(), sample.end());
  const auto size = static_cast<double>(sample.size());
  double distance = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    const double value = law(sample[i]);
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, value - rank / size, (rank + 1) / size - value});
  }
  const double scaled = distance * std::sqrt(size);
  if (scaled < 0.3) return 1;  // the series converges slowly there, and to 1
  double p = 0;
  for (int k = 1; k <= 100; ++k) {
    p += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * scaled * scaled);
  }
  return p;
}

inline double mean_of(const std::vector<double>& sample) {
  double sum = 0;
  for (double value : sample) sum += value;
  return sum / static_cast<double>(sample.size());
}

inline double deviation_of(const std::vector<double>& sample) {
  const double mean = mean_of(sample);
  double sum = 0;
  for (double value : sample) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(sample.size()));
}

// The correlation of values `distance` apart.
inline double autocorrelation_of(const std::vector<double>& sample, size_t distance) {
  const double mean = mean_of(sample);
  const double deviation = deviation_of(sample);
  double sum = 0;
  for (size_t i = distance; i < sample.size(); ++i) {
    sum += (sample[i] - mean) * (sample[i - distance] - mean);
  }
  return sum / static_cast<double>(sample.size() - distance) / (deviation * deviation);
}

}  // namespace violin::testing
