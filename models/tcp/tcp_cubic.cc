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

// alpha = 3 (1 - beta) / (1 + beta) with beta = 0.7 is 9/17; Linux rounds 1/alpha to eighths.
constexpr int64_t kInverseAlphaNumerator = 15;
constexpr int64_t kInverseAlphaDenominator = 8;
// Linux's 717/1024 for beta; and (1 + beta) / 2 for fast convergence.
constexpr int64_t kBeta = 717;
constexpr int64_t kBetaScale = 1'024;

// While no loss has told what the path takes, the window grows by a twentieth per round trip, where
// the cubic function of an unknown maximum would begin flat.
constexpr int64_t kSegmentsPerGrowthUnknown = 20;
constexpr int64_t kSegmentsPerGrowthMin = 2;
constexpr int64_t kWindowsPerGrowthMax = 100;  // where the function is flat

constexpr Duration kLookInterval = Duration::seconds(1) / 32;
// Round trips right after a recovery say nothing about the path alone.
constexpr Duration kDelayPause = Duration::seconds(1);

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

void TcpCubic::learn_delay(const TcpGrowth& growth) {
  if (growth.rtt <= Duration()) return;
  if (epoch_.running && growth.now - epoch_.start < kDelayPause) return;
  least_delay_ = std::min(least_delay_, growth.rtt);
}

void TcpCubic::start_epoch(const TcpCongestionWindow& window, Time now) {
  const int64_t current = window.segments();
  epoch_ = {true, now, Duration(), std::max(maximum_window_, current), current, 0};
  epoch_.to_maximum =
      time_to_maximum((epoch_.origin - current) * window.segment_size, window.segment_size);
}

int64_t TcpCubic::target(int64_t segment_size, Time now) const {
  const Duration delay = least_delay_ == Duration::max() ? Duration() : least_delay_;
  const Duration offset = now - epoch_.start + delay - epoch_.to_maximum;
  return epoch_.origin + cubic_distance(offset, segment_size) / segment_size;
}

// How many segments are to be acknowledged for each one that the window grows by.
void TcpCubic::look_again(const TcpCongestionWindow& window, const TcpGrowth& growth) {
  const int64_t current = window.segments();
  epoch_.acknowledged += growth.bytes;
  if (current == looked_at_ && growth.now - looked_when_ <= kLookInterval) return;
  looked_at_ = current;
  looked_when_ = growth.now;
  if (!epoch_.running) {
    start_epoch(window, growth.now);
    epoch_.acknowledged = growth.bytes;
  }
  const int64_t missing = target(window.segment_size, growth.now) - current;
  segments_per_growth_ = missing > 0 ? current / missing : kWindowsPerGrowthMax * current;
  if (maximum_window_ == 0) {
    segments_per_growth_ = std::min(segments_per_growth_, kSegmentsPerGrowthUnknown);
  }
  befriend(window);
  segments_per_growth_ = std::max(segments_per_growth_, kSegmentsPerGrowthMin);
}

// The Reno-friendly region: RFC 9438 section 4.3.
void TcpCubic::befriend(const TcpCongestionWindow& window) {
  const int64_t current = window.segments();
  const int64_t step =
      std::max<int64_t>(current * kInverseAlphaNumerator / kInverseAlphaDenominator, 1) *
      window.segment_size;
  while (epoch_.acknowledged > step) {
    epoch_.acknowledged -= step;
    ++epoch_.estimate;
  }
  if (epoch_.estimate <= current) return;
  segments_per_growth_ = std::min(segments_per_growth_, current / (epoch_.estimate - current));
}

void TcpCubic::advance(TcpCongestionWindow& window, int64_t bytes) {
  const int64_t needed = segments_per_growth_ * window.segment_size;
  // Credit from when more was needed for each segment is good for one.
  if (credit_ >= needed) {
    credit_ = 0;
    window.congestion_window += window.segment_size;
  }
  credit_ += bytes;
  window.congestion_window += credit_ / needed * window.segment_size;
  credit_ %= needed;
}

void TcpCubic::grow(TcpCongestionWindow& window, const TcpGrowth& growth) {
  learn_delay(growth);
  TcpGrowth left = growth;
  if (window.in_slow_start()) {
    if (hystart_.path_is_full(window, growth)) {
      window.slow_start_threshold = window.congestion_window;
    } else {
      left.bytes = grow_in_slow_start(window, growth.bytes);
      if (left.bytes == 0) return;
    }
  }
  look_again(window, left);
  advance(window, left.bytes);
}

int64_t TcpCubic::threshold_after_loss(const TcpCongestionWindow& window) {
  const int64_t current = window.segments();
  // Fast convergence: a window that shrinks from loss to loss makes room for newcomers.
  const bool shrinks = current < maximum_window_;
  maximum_window_ = shrinks ? current * (kBetaScale + kBeta) / (2 * kBetaScale) : current;
  epoch_.running = false;
  credit_ = 0;
  return std::max<int64_t>(current * kBeta / kBetaScale, 2) * window.segment_size;
}

void TcpCubic::timed_out() { *this = TcpCubic(); }

void TcpCubic::resumed(Duration idle) {
  if (epoch_.running) epoch_.start += idle;
}

}  // namespace violin
