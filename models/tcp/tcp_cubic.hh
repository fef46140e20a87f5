#pragma once

#include <cstdint>

#include "models/tcp/tcp_congestion.hh"
#include "models/tcp/tcp_hystart.hh"

namespace violin {

// The largest integer whose cube is at most `value`. value < 2^120.
uint64_t integer_cube_root(unsigned __int128 value);

// CUBIC (RFC 9438): the window is a cubic function of the time since the last loss, through the
// window before it; never below what a Reno flow would have; with fast convergence; slow start
// ended by HyStart. C = 0.4, beta = 0.7. Before the first loss, and after a timeout, Linux's rule
// for an unknown maximum: at least 5 % per round trip.
//
// All arithmetic is in integers, so that runs are the same everywhere: time in units of 2^14 ns
// (16.384 us), C in 31-bit fixed point, windows in bytes with carried remainders. W_cubic(t) is
// within one segment in a thousand, and 3 bytes, of the real formula (tests/unit/models).
class TcpCubic final : public TcpCongestionControl {
 public:
  void grow(TcpCongestionWindow& window, const TcpGrowth& growth) override;
  int64_t threshold_after_loss(const TcpCongestionWindow& window, int64_t in_flight) override;
  void timed_out() override;
  void undo() override;
  void resumed(Duration idle) override;

  // W_cubic - W_max after `offset` = t - K, in bytes (RFC 9438 equation 1).
  static int64_t cubic_distance(Duration offset, int64_t segment_size);
  // The time K from a window `below` bytes under W_max back to W_max (equation 2).
  static Duration time_to_maximum(int64_t below, int64_t segment_size);

 private:
  struct Epoch {
    bool running = false;
    bool limit_known = false;  // a loss has told what the path takes
    Time start;
    Duration to_maximum;         // K
    int64_t maximum_window = 0;  // W_max
  };

  void start_epoch(const TcpCongestionWindow& window, Time now);
  void grow_estimate(const TcpCongestionWindow& window, int64_t bytes);

  Epoch epoch_;
  Epoch before_loss_;
  int64_t window_before_loss_ = 0;  // cwnd_prior
  int64_t estimate_ = 0;            // W_est, the Reno-friendly window
  int64_t estimate_rest_ = 0;
  int64_t growth_rest_ = 0;
  bool after_timeout_ = false;
  TcpHystart hystart_;
};

}  // namespace violin
