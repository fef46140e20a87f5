#pragma once

#include <cstdint>

#include "models/tcp/tcp_congestion.hh"
#include "models/tcp/tcp_hystart.hh"

namespace violin {

// The largest integer whose cube is at most `value`. value < 2^120.
uint64_t integer_cube_root(unsigned __int128 value);

// CUBIC (RFC 9438) as Linux 6.12 has it: the window is a cubic function of the time since the last
// loss, through the window before it; never below what a Reno flow would have; with fast
// convergence; slow start ended by HyStart. C = 0.4, beta = 0.7. Linux departs from the RFC where a
// window is small or a loss was none, and so does this:
//  - windows, targets and thresholds are whole segments, rounded down; a growth is so many segments
//    acknowledged per segment, at least 2, looked at again when the window has changed or after
//    1/32 s;
//  - the Reno-friendly window grows by 8/15 of a segment per round trip for ever, where section 4.3
//    lets it grow by a whole one from the window before the loss on;
//  - a spurious loss gives the window back and not the old function (section 4.9): a new one begins
//    at the window;
//  - before the first loss, and after a timeout, the window grows by 5 % per round trip at least.
//
// All arithmetic is in integers, so that runs are the same everywhere: time in units of 2^14 ns
// (16.384 us), C in 31-bit fixed point. W_cubic(t) is within one segment in a thousand, and 3
// bytes, of the real formula (tests/unit/models) before it is rounded down.
class TcpCubic final : public TcpCongestionControl {
 public:
  void grow(TcpCongestionWindow& window, const TcpGrowth& growth) override;
  int64_t threshold_after_loss(const TcpCongestionWindow& window) override;
  void timed_out() override;
  void resumed(Duration idle) override;

  // W_cubic - W_max after `offset` = t - K, in bytes (RFC 9438 equation 1).
  static int64_t cubic_distance(Duration offset, int64_t segment_size);
  // The time K from a window `below` bytes under W_max back to W_max (equation 2).
  static Duration time_to_maximum(int64_t below, int64_t segment_size);

 private:
  struct Epoch {
    bool running = false;
    Time start;
    Duration to_maximum;       // K
    int64_t origin = 0;        // W_max, or the window where it was above; segments
    int64_t estimate = 0;      // W_est, the Reno-friendly window, segments
    int64_t acknowledged = 0;  // bytes that W_est has not grown by yet
  };

  void learn_delay(const TcpGrowth& growth);
  void look_again(const TcpCongestionWindow& window, const TcpGrowth& growth);
  void start_epoch(const TcpCongestionWindow& window, Time now);
  int64_t target(int64_t segment_size, Time now) const;
  void befriend(const TcpCongestionWindow& window);
  void advance(TcpCongestionWindow& window, int64_t bytes);

  Epoch epoch_;
  int64_t maximum_window_ = 0;  // W_max in segments; 0 = no loss has told what the path takes
  int64_t segments_per_growth_ = 0;
  int64_t credit_ = 0;     // bytes acknowledged that the window has not grown by yet
  int64_t looked_at_ = 0;  // the window then, segments
  Time looked_when_;
  Duration least_delay_ = Duration::max();
  TcpHystart hystart_;
};

}  // namespace violin
