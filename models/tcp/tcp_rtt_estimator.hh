#pragma once

#include "core/time.hh"
#include "models/tcp/tcp_options.hh"

namespace violin {

// Smoothed round-trip time, its deviation and the retransmission timeout (RFC 6298), and the
// least round-trip time of the last 10 to 20 seconds (for RACK). Karn's rule is the caller's: it
// gives no sample that may belong to another transmission.
class TcpRttEstimator {
 public:
  TcpRttEstimator(TcpTimeoutRule rule, Duration initial, Duration maximum);

  // What one ACK says: it may answer several segments. The timeout follows from the one that
  // waited longest, for a delayed ACK too (RFC 7323 section 4.1); the least is that of the newest.
  struct Sample {
    Duration longest;
    Duration newest;
  };
  void sample(const Sample& sample, Time now);
  bool has_sample() const { return smoothed_ != Duration(); }
  Duration smoothed() const { return smoothed_; }
  Duration deviation() const { return deviation_; }
  // Zero before the first sample.
  Duration minimum() const {
    return previous_minimum_ < current_minimum_ ? previous_minimum_ : window_minimum();
  }
  // The least of the whole connection, for reports. Zero before the first sample.
  Duration lifetime_minimum() const { return has_sample() ? lifetime_minimum_ : Duration(); }
  // The timeout of a segment sent for the first time; never above the maximum.
  Duration timeout() const { return timeout_; }
  // The same after `doublings` timeouts in a row.
  Duration timeout_after(int doublings) const;

 private:
  Duration window_minimum() const { return has_sample() ? current_minimum_ : Duration(); }
  void update_timeout();

  TcpTimeoutRule rule_;
  Duration maximum_;
  Duration timeout_;
  Duration smoothed_;
  Duration deviation_;
  Duration current_minimum_ = Duration::max();
  Duration previous_minimum_ = Duration::max();
  Duration lifetime_minimum_ = Duration::max();
  Time window_end_ = Time::beginning();
};

}  // namespace violin
