#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/time.hh"
#include "emulator/results/run_result.hh"
#include "models/link/log_histogram.hh"

// What tables and plots say about a sample. These are for reports: no model computes with them.
// Sums run in the order given, so equal samples give equal numbers to the last bit.

namespace violin {

// Of a non-empty sample.
double mean(std::span<const double> sample);
// With n - 1 in the denominator; 0 for one value.
double standard_deviation(std::span<const double> sample);

// Nearest rank: the smallest value of an ascending, non-empty sample such that at least `percent`
// of the sample is not above it (Hyndman and Fan's definition 1). It is always a value that
// occurred. 0 < percent <= 100.
template <typename Value>
const Value& percentile(std::span<const Value> ascending, double percent);

// A mean with the half-width of its Student-t 95 % confidence interval: the sample is taken to be
// independent and roughly normal, as ten seeds of one experiment are.
struct Estimate {
  size_t samples = 0;  // 0 = the rest means nothing
  double mean = 0;
  double stddev = 0;
  std::optional<double> ci95;  // half-width; nothing with one sample: no interval can be given
};
Estimate estimate(std::span<const double> sample);

// The estimate of b - a over the keys (seeds) that both have: what differs between two settings
// once what they have in common is taken away.
Estimate paired_difference(const std::map<std::string, double>& a,
                           const std::map<std::string, double>& b);

// A median with a 95 % confidence interval that assumes nothing of the distribution: two values of
// the sample, the k-th smallest and the k-th largest, k being the largest rank for which less than
// 2.5 % of samples have their median beyond either (the sign test turned around).
struct MedianEstimate {
  size_t samples = 0;  // 0 = the rest means nothing
  double median = 0;   // the middle value, or the mean of the two
  struct Interval {
    double low = 0;
    double high = 0;
  };
  std::optional<Interval> ci95;  // nothing below six values: no pair of them is that sure
};
// Takes the sample by value because it is sorted.
MedianEstimate median_estimate(std::vector<double> sample);

// Jain's fairness index, (sum x)^2 / (n sum x^2): 1 when all are equal, 1/n when one has all. 1
// when all are 0. Not for an empty sample.
double jain_index(std::span<const double> sample);

// Takes the sample by value because it is sorted.
DurationSummary summarise(std::vector<Duration> sample);
// Percentiles are upper edges of bins, at most 1/16 above the true ones.
DurationSummary summarise(const LogHistogram& histogram);

// ---- the inline part ----------------------------------------------------------------------------

// The rank, from 1, of nearest-rank percentiles among `size` values.
size_t nearest_rank(size_t size, double percent);

template <typename Value>
const Value& percentile(std::span<const Value> ascending, double percent) {
  return ascending[nearest_rank(ascending.size(), percent) - 1];
}

}  // namespace violin
