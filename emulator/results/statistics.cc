#include "emulator/results/statistics.hh"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "core/check.hh"

namespace violin {

double mean(std::span<const double> sample) {
  CHECK(!sample.empty());
  // The mean of equal values is that value, whatever rounding says.
  if (std::all_of(sample.begin(), sample.end(), [&](double x) { return x == sample[0]; })) {
    return sample[0];
  }
  return std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
}

double standard_deviation(std::span<const double> sample) {
  if (sample.size() < 2) return 0;
  const double centre = mean(sample);
  double squares = 0;
  for (const double x : sample) squares += (x - centre) * (x - centre);
  return std::sqrt(squares / static_cast<double>(sample.size() - 1));
}

size_t nearest_rank(size_t size, double percent) {
  CHECK(size > 0);
  CHECK(percent > 0 && percent <= 100);
  // Thousandths of a percent keep the product exact: 0.95 * 20 must be 19, not 19.000000000000004.
  const auto thousandths = static_cast<uint64_t>(std::llround(percent * 1000));
  const uint64_t rank = (thousandths * size + 99'999) / 100'000;
  return std::clamp<size_t>(rank, 1, size);
}

Estimate estimate(std::span<const double> sample) {
  Estimate result;
  result.samples = sample.size();
  if (sample.empty()) return result;
  result.mean = mean(sample);
  result.stddev = standard_deviation(sample);
  if (sample.size() < 2) return result;
  const boost::math::students_t distribution(static_cast<double>(sample.size() - 1));
  const double t = boost::math::quantile(boost::math::complement(distribution, 0.025));
  result.ci95 = t * result.stddev / std::sqrt(static_cast<double>(sample.size()));
  return result;
}

Estimate paired_difference(const std::map<std::string, double>& a,
                           const std::map<std::string, double>& b) {
  std::vector<double> differences;
  for (const auto& [key, value] : a) {
    const auto other = b.find(key);
    if (other != b.end()) differences.push_back(other->second - value);
  }
  return estimate(differences);
}

MedianEstimate median_estimate(std::vector<double> sample) {
  MedianEstimate result;
  result.samples = sample.size();
  if (sample.empty()) return result;
  std::sort(sample.begin(), sample.end());
  const size_t n = sample.size();
  const double below = sample[(n - 1) / 2];
  const double above = sample[n / 2];
  result.median = below == above ? below : (below + above) / 2;
  const boost::math::binomial sides(static_cast<double>(n), 0.5);
  size_t rank = 0;
  while (boost::math::cdf(sides, static_cast<double>(rank)) <= 0.025) ++rank;
  if (rank > 0) result.ci95 = {sample[rank - 1], sample[n - rank]};
  return result;
}

double jain_index(std::span<const double> sample) {
  CHECK(!sample.empty());
  double sum = 0;
  double squares = 0;
  for (const double x : sample) {
    sum += x;
    squares += x * x;
  }
  if (squares == 0) return 1;
  return sum * sum / (static_cast<double>(sample.size()) * squares);
}

DurationSummary summarise(std::vector<Duration> sample) {
  DurationSummary summary;
  summary.samples = sample.size();
  if (sample.empty()) return summary;
  std::sort(sample.begin(), sample.end());
  const std::span<const Duration> ascending(sample);
  summary.min = sample.front();
  summary.p50 = percentile(ascending, 50);
  summary.p95 = percentile(ascending, 95);
  summary.p99 = percentile(ascending, 99);
  summary.max = sample.back();
  std::vector<double> nanoseconds;
  nanoseconds.reserve(sample.size());
  for (const Duration duration : sample) nanoseconds.push_back(static_cast<double>(duration.ns()));
  summary.mean_ns = mean(nanoseconds);
  summary.stddev_ns = standard_deviation(nanoseconds);
  return summary;
}

DurationSummary summarise(const LogHistogram& histogram) {
  DurationSummary summary;
  summary.samples = histogram.count();
  summary.min = histogram.min();
  summary.p50 = histogram.percentile(500);
  summary.p95 = histogram.percentile(950);
  summary.p99 = histogram.percentile(990);
  summary.max = histogram.max();
  summary.mean_ns = static_cast<double>(histogram.mean().ns());
  summary.stddev_ns = histogram.standard_deviation_ns();
  return summary;
}

}  // namespace violin
