#pragma once

#include <cstdint>
#include <memory>

#include "core/time.hh"
#include "models/tcp/tcp_options.hh"

namespace violin {

// The window that congestion control governs, in bytes.
struct TcpCongestionWindow {
  static constexpr int64_t kUnlimited = int64_t{1} << 40;

  int64_t congestion_window = 0;
  int64_t slow_start_threshold = kUnlimited;
  int64_t segment_size = 0;  // what a full segment carries

  bool in_slow_start() const { return congestion_window < slow_start_threshold; }
  // Whole segments: what Linux counts its window in.
  int64_t segments() const { return congestion_window / segment_size; }
};

// An ACK of new data that arrived while the window was the limit and nothing was being repaired.
struct TcpGrowth {
  // Newly known to have arrived. What an earlier ACK had selectively acknowledged is no news: the
  // ACK that ends a recovery would else open the window by a round trip's worth.
  int64_t bytes = 0;
  int64_t una = 0;    // the first position not acknowledged
  int64_t nxt = 0;    // the next position to be sent
  Duration rtt;       // this ACK's sample; zero when it gives none
  Duration smoothed;  // zero before the first sample
  Time now;
};

// The seam between the sender and the algorithm that chooses its window. How the window is walked
// down in recovery (PRR) and set after a timeout (one segment) is the sender's.
class TcpCongestionControl {
 public:
  virtual ~TcpCongestionControl() = default;
  // Opens the window.
  virtual void grow(TcpCongestionWindow& window, const TcpGrowth& growth) = 0;
  // The slow-start threshold, and window after recovery, for a loss or mark seen now: whole
  // segments, rounded down, and two at least. As in Linux it follows from the window rather than
  // from what is in flight (RFC 5681, FlightSize); a window that is not used does not grow.
  virtual int64_t threshold_after_loss(const TcpCongestionWindow& window) = 0;
  // The retransmission timer expired: the next growth in congestion avoidance starts afresh.
  virtual void timed_out() = 0;
  // Sending resumes after a pause.
  virtual void resumed(Duration idle) = 0;
};

std::unique_ptr<TcpCongestionControl> make_congestion_control(TcpCongestionAlgorithm algorithm);

// Slow start (RFC 5681, appropriate byte counting with L = 8: an unpaced sender of RFC 9406).
// Returns the bytes that are left for congestion avoidance when the threshold is reached.
int64_t grow_in_slow_start(TcpCongestionWindow& window, int64_t bytes);

}  // namespace violin
