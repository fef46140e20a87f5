#include "models/tcp/tcp_hystart.hh"

#include <algorithm>

namespace violin {
namespace {

// RFC 9406 section 4.3.
constexpr Duration kThresholdMin = Duration::milliseconds(4);
constexpr Duration kThresholdMax = Duration::milliseconds(16);
constexpr int kThresholdDivisor = 8;
constexpr int kSamples = 8;
constexpr int kGrowthDivisor = 4;
constexpr int kConservativeRounds = 5;

}  // namespace

int TcpHystart::divisor(const TcpGrowth& growth) {
  if (phase_ == Phase::kDone) return 1;
  if (growth.una >= round_end_) {
    if (phase_ == Phase::kConservative && ++conservative_rounds_ >= kConservativeRounds) {
      phase_ = Phase::kDone;
      return 0;
    }
    start_round(growth.nxt);
  }
  if (growth.rtt > Duration()) {
    current_minimum_ = std::min(current_minimum_, growth.rtt);
    ++samples_;
    look_for_delay();
  }
  return phase_ == Phase::kConservative ? kGrowthDivisor : 1;
}

void TcpHystart::start_round(int64_t end) {
  round_end_ = end;
  last_minimum_ = current_minimum_;
  current_minimum_ = Duration::max();
  samples_ = 0;
}

void TcpHystart::look_for_delay() {
  if (samples_ < kSamples || last_minimum_ == Duration::max()) return;
  if (phase_ == Phase::kSlowStart) {
    const Duration threshold =
        std::clamp(last_minimum_ / kThresholdDivisor, kThresholdMin, kThresholdMax);
    if (current_minimum_ < last_minimum_ + threshold) return;
    baseline_ = current_minimum_;
    phase_ = Phase::kConservative;
    conservative_rounds_ = 0;
  } else if (current_minimum_ < baseline_) {
    baseline_ = Duration::max();
    phase_ = Phase::kSlowStart;
  }
}

}  // namespace violin
