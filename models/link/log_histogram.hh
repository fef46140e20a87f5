#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/time.hh"

namespace violin {

// Counts of durations in buckets that grow with the value, 16 to every factor of two: a percentile
// read from it is at most 1/16 (6.25 %) above the true one. Exact mean and maximum beside it.
class LogHistogram {
 public:
  // Negative spans count as zero.
  void add(Duration span) {
    const uint64_t value = span.ns() < 0 ? 0 : static_cast<uint64_t>(span.ns());
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_ns_ += value;
    square_sum_ += static_cast<unsigned __int128>(value) * value;
    if (value > max_ns_) max_ns_ = value;
    if (value < min_ns_) min_ns_ = value;
  }
  uint64_t count() const { return count_; }
  Duration max() const { return Duration::nanoseconds(static_cast<int64_t>(max_ns_)); }
  Duration min() const {
    return Duration::nanoseconds(static_cast<int64_t>(count_ == 0 ? 0 : min_ns_));
  }
  // Of the sample (n - 1); for reports only.
  double standard_deviation_ns() const {
    if (count_ < 2) return 0;
    const auto n = static_cast<double>(count_);
    const double mean = static_cast<double>(sum_ns_) / n;
    const double variance = (static_cast<double>(square_sum_) - n * mean * mean) / (n - 1);
    return variance > 0 ? std::sqrt(variance) : 0;
  }
  Duration mean() const {
    return Duration::nanoseconds(count_ == 0 ? 0 : static_cast<int64_t>(sum_ns_ / count_));
  }
  // The smallest bucket bound that `per_mille` of the values do not exceed (nearest rank).
  Duration percentile(uint32_t per_mille) const {
    if (count_ == 0) return {};
    const uint64_t wanted = (count_ * per_mille + 999) / 1000;
    uint64_t seen = 0;
    for (size_t i = 0; i < kBuckets; ++i) {
      seen += buckets_[i];
      if (seen >= wanted && seen > 0) {
        const uint64_t bound = upper_bound_of(i);
        return Duration::nanoseconds(static_cast<int64_t>(bound < max_ns_ ? bound : max_ns_));
      }
    }
    return max();
  }

  struct Bin {
    Duration up_to;  // its largest value
    uint64_t count = 0;
  };
  // Those that are not empty, ascending.
  std::vector<Bin> bins() const {
    std::vector<Bin> bins;
    for (size_t i = 0; i < kBuckets; ++i) {
      if (buckets_[i] == 0) continue;
      bins.push_back({Duration::nanoseconds(static_cast<int64_t>(upper_bound_of(i))), buckets_[i]});
    }
    return bins;
  }

 private:
  static constexpr int kSubBits = 4;
  static constexpr size_t kBuckets = (64 - kSubBits) << kSubBits;

  // Values below 16 have a bucket each; above, the four bits after the leading one choose it.
  static constexpr size_t bucket_of(uint64_t value) {
    if (value < (1u << kSubBits)) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
    const size_t bucket = (static_cast<size_t>(shift) << kSubBits) + (value >> shift);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }
  static constexpr uint64_t upper_bound_of(size_t bucket) {
    if (bucket < (1u << kSubBits)) return bucket;
    const auto shift = static_cast<int>(bucket >> kSubBits) - 1;
    const uint64_t lead = bucket - (static_cast<size_t>(shift) << kSubBits);
    return ((lead + 1) << shift) - 1;
  }

  std::array<uint32_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_ns_ = 0;
  unsigned __int128 square_sum_ = 0;
  uint64_t min_ns_ = ~uint64_t{0};
  uint64_t max_ns_ = 0;
};

}  // namespace violin
