#include "models/tcp/tcp_rtt_estimator.hh"

#include <algorithm>

namespace violin {
namespace {

constexpr Duration kMinimumWindow = Duration::seconds(10);
constexpr Duration kLinuxFloor = Duration::milliseconds(200);
constexpr Duration kRfcFloor = Duration::seconds(1);

Duration magnitude(Duration value) { return value < Duration() ? -value : value; }

}  // namespace

TcpRttEstimator::TcpRttEstimator(TcpTimeoutRule rule, Duration initial, Duration maximum)
    : rule_(rule), maximum_(maximum), timeout_(std::min(initial, maximum)) {}

void TcpRttEstimator::sample(const Sample& sample, Time now) {
  const Duration rtt = std::max(sample.longest, Duration::nanoseconds(1));
  const Duration least = std::clamp(sample.newest, Duration::nanoseconds(1), rtt);
  if (!has_sample()) {
    smoothed_ = rtt;
    deviation_ = rtt / 2;
  } else {
    deviation_ += (magnitude(smoothed_ - rtt) - deviation_) / 4;
    smoothed_ = std::max(smoothed_ + (rtt - smoothed_) / 8, Duration::nanoseconds(1));
  }
  if (now >= window_end_) {
    const bool idle_for_long =
        window_end_ == Time::beginning() || now >= window_end_ + kMinimumWindow;
    previous_minimum_ = idle_for_long ? Duration::max() : current_minimum_;
    current_minimum_ = least;
    window_end_ = now + kMinimumWindow;
  }
  current_minimum_ = std::min(current_minimum_, least);
  lifetime_minimum_ = std::min(lifetime_minimum_, least);
  update_timeout();
}

void TcpRttEstimator::update_timeout() {
  const Duration spread = deviation_ * 4;
  const Duration timeout = rule_ == TcpTimeoutRule::kLinux
                               ? smoothed_ + std::max(kLinuxFloor, spread)
                               : std::max(kRfcFloor, smoothed_ + spread);
  timeout_ = std::min(timeout, maximum_);
}

Duration TcpRttEstimator::timeout_after(int doublings) const {
  Duration timeout = timeout_;
  for (int i = 0; i < doublings && timeout < maximum_; ++i) timeout = timeout * 2;
  return std::min(timeout, maximum_);
}

}  // namespace violin
