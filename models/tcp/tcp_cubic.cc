#include "models/tcp/tcp_cubic.hh"

#include <algorithm>

namespace violin {
namespace {

using Wide = unsigned __int128;

constexpr int kTickShift = 14;  // one tick is 2^14 ns
// C x (tick in seconds)^3 x 2^80 for C = 0.4: 0.4 x (16.384e-6)^3 x 2^80, rounded.
constexpr uint64_t kScaledC = 2'126'764'793;
constexpr int kScaledShift = 80;
// Offsets are cut at 2^30 ticks, nearly five hours: beyond it any limit has long been reached.
constexpr int64_t kTicksMax = int64_t{1} << 30;

// alpha = 3 (1 - beta) / (1 + beta) with beta = 0.7.
constexpr int64_t kAlphaNumerator = 9;
constexpr int64_t kAlphaDenominator = 17;

// As Linux does: while no loss has told what the path takes, the window grows by a twentieth per
// round trip, where the cubic function of an unknown maximum would begin flat.
constexpr int64_t kUnknownDivisor = 20;

}  // namespace

uint64_t integer_cube_root(Wide value) {
  uint64_t root = 0;
  for (int bit = 40; bit >= 0; --bit) {
    const uint64_t candidate = root | uint64_t{1} << bit;
    if (Wide{candidate} * candidate * candidate <= value) root = candidate;
  }
  return root;
}

int64_t TcpCubic::cubic_distance(Duration offset, int64_t segment_size) {
  const int64_t ns = offset.ns();
  const int64_t ticks = std::min((ns < 0 ? -ns : ns) >> kTickShift, kTicksMax);
  const Wide cube = Wide(static_cast<uint64_t>(ticks)) * ticks * ticks;  // at most 2^90
  // (2^90 x 2^31) >> 40, x 2^16, >> 40: nothing overflows 128 bits.
  const Wide segments = cube * kScaledC >> 40;
  const auto distance = static_cast<int64_t>(segments * segment_size >> (kScaledShift - 40));
  return ns < 0 ? -distance : distance;
}

Duration TcpCubic::time_to_maximum(int64_t below, int64_t segment_size) {
  if (below <= 0) return Duration();
  const Wide scaled = (Wide(static_cast<uint64_t>(below)) << 76) / kScaledC / segment_size << 4;
  return Duration::nanoseconds(static_cast<int64_t>(integer_cube_root(scaled)) << kTickShift);
}

void TcpCubic::start_epoch(const TcpCongestionWindow& window, Time now) {
  epoch_.running = true;
  epoch_.start = now;
  const int64_t current = window.congestion_window;
  if (after_timeout_ || epoch_.maximum_window < current) {
    epoch_.maximum_window = current;
    epoch_.to_maximum = Duration();
  } else {
    epoch_.to_maximum = time_to_maximum(epoch_.maximum_window - current, window.segment_size);
  }
  after_timeout_ = false;
  estimate_ = current;
  estimate_rest_ = growth_rest_ = 0;
}

// RFC 9438 section 4.3.
void TcpCubic::grow_estimate(const TcpCongestionWindow& window, int64_t bytes) {
  const bool full_alpha = estimate_ >= window_before_loss_;
  const int64_t numerator = full_alpha ? kAlphaDenominator : kAlphaNumerator;
  estimate_rest_ += bytes * window.segment_size * numerator;
  const int64_t divisor = window.congestion_window * kAlphaDenominator;
  if (estimate_rest_ < divisor) return;
  const int64_t step = estimate_rest_ / divisor;
  estimate_ += step;
  estimate_rest_ -= step * divisor;
}

void TcpCubic::grow(TcpCongestionWindow& window, const TcpGrowth& growth) {
  int64_t bytes = growth.bytes;
  if (window.in_slow_start()) {
    if (hystart_.path_is_full(window, growth)) {
      window.slow_start_threshold = window.congestion_window;
    } else {
      bytes = grow_in_slow_start(window, bytes);
      if (bytes == 0) return;
    }
  }
  if (!epoch_.running) start_epoch(window, growth.now);
  grow_estimate(window, bytes);

  const int64_t current = window.congestion_window;
  const Duration elapsed = growth.now - epoch_.start;
  const int64_t target =
      epoch_.maximum_window +
      cubic_distance(elapsed + growth.smoothed - epoch_.to_maximum, window.segment_size);
  const int64_t least = epoch_.limit_known ? current : current + current / kUnknownDivisor;
  const int64_t bounded = std::clamp(target, least, current + current / 2);
  growth_rest_ += bytes * (bounded - current);
  if (growth_rest_ >= current) {
    const int64_t step = growth_rest_ / current;
    growth_rest_ -= step * current;
    window.congestion_window += step;
  }
  // The Reno-friendly region: the estimate is compared with the cubic function itself.
  if (estimate_ > window.congestion_window) {
    window.congestion_window = estimate_;
    growth_rest_ = 0;
  }
}

int64_t TcpCubic::threshold_after_loss(const TcpCongestionWindow& window, int64_t in_flight) {
  before_loss_ = epoch_;
  const int64_t current = window.congestion_window;
  // Fast convergence: a window that shrinks from loss to loss makes room for newcomers.
  epoch_.maximum_window = current < epoch_.maximum_window ? current * 17 / 20 : current;
  epoch_.running = false;
  epoch_.limit_known = true;
  window_before_loss_ = current;
  const int64_t base = std::min(in_flight, current);
  return std::max(base * 7 / 10, 2 * window.segment_size);
}

void TcpCubic::timed_out() {
  epoch_.running = false;
  epoch_.limit_known = false;
  hystart_.reset();
  after_timeout_ = true;
}

void TcpCubic::undo() {
  epoch_ = before_loss_;
  after_timeout_ = false;
}

void TcpCubic::resumed(Duration idle) {
  if (epoch_.running) epoch_.start += idle;
}

}  // namespace violin
