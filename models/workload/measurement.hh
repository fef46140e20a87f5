#pragma once

#include <cstdint>
#include <vector>

#include "core/time.hh"

namespace violin {

// The part of a run that metrics are taken over: from <= t < to.
struct MeasureWindow {
  Time from = Time::zero();
  Time to = Time::never();
  bool contains(Time t) const { return t >= from && t < to; }
  // Bits per second, when this many bytes came within it; 0 of an empty one.
  double rate_of(int64_t bytes) const {
    const double seconds = (to - from).to_seconds();
    return seconds > 0 ? static_cast<double>(bytes) * 8 / seconds : 0;
  }
};

// An amount per interval of virtual time, for plots over time: bytes received in each 100 ms.
// Bounded: after kBinsMax bins the rest goes into the last one.
class BinnedSeries {
 public:
  static constexpr size_t kBinsMax = 100'000;
  explicit BinnedSeries(Duration width = Duration::milliseconds(100)) : width_(width) {}

  // t >= 0.
  void add(Time t, int64_t amount) {
    size_t bin = static_cast<size_t>(t.ns() / width_.ns());
    if (bin >= kBinsMax) bin = kBinsMax - 1;
    if (bin >= bins_.size()) bins_.resize(bin + 1);
    bins_[bin] += amount;
  }
  Duration width() const { return width_; }
  const std::vector<int64_t>& bins() const { return bins_; }

 private:
  Duration width_;
  std::vector<int64_t> bins_;
};

}  // namespace violin
