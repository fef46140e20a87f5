#include "models/tcp/tcp_hystart.hh"

#include <algorithm>

namespace violin {
namespace {

// net/ipv4/tcp_cubic.c.
constexpr int64_t kLowWindowSegments = 16;
constexpr Duration kPause = Duration::milliseconds(2);
constexpr Duration kRiseMin = Duration::milliseconds(4);
constexpr Duration kRiseMax = Duration::milliseconds(16);
constexpr int kRiseDivisor = 8;
constexpr int kSamples = 8;

// Linux grants a train the time of four of the largest super-frames at twice the window per round
// trip, and at most 1 ms: what segmentation offload may hold back on short paths.
constexpr int64_t kBatchBytes = 4 * 65'536;
constexpr Duration kBatchMax = Duration::milliseconds(1);

Duration batching(const TcpCongestionWindow& window, const TcpGrowth& growth) {
  return std::min(growth.smoothed * (kBatchBytes / 2) / window.congestion_window, kBatchMax);
}

}  // namespace

bool TcpHystart::path_is_full(const TcpCongestionWindow& window, const TcpGrowth& growth) {
  if (growth.rtt <= Duration()) return false;
  minimum_ = std::min(minimum_, growth.rtt);
  if (growth.una > round_end_) {
    round_end_ = growth.nxt;
    round_start_ = last_in_train_ = growth.now;
    round_minimum_ = Duration::max();
    samples_ = 0;
  }
  if (window.congestion_window < kLowWindowSegments * window.segment_size) return false;
  const bool long_train = train_is_long(window, growth);
  return delay_has_risen(growth.rtt) || long_train;
}

bool TcpHystart::train_is_long(const TcpCongestionWindow& window, const TcpGrowth& growth) {
  if (growth.now - last_in_train_ > kPause) return false;
  last_in_train_ = growth.now;
  return growth.now - round_start_ > (minimum_ + batching(window, growth)) / 2;
}

bool TcpHystart::delay_has_risen(Duration rtt) {
  round_minimum_ = std::min(round_minimum_, rtt);
  if (samples_ < kSamples) {
    ++samples_;
    return false;
  }
  return round_minimum_ > minimum_ + std::clamp(minimum_ / kRiseDivisor, kRiseMin, kRiseMax);
}

}  // namespace violin
