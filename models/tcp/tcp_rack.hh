#pragma once

#include <cstdint>

#include "core/time.hh"
#include "models/tcp/tcp_scoreboard.hh"

namespace violin {

// RACK (RFC 8985): how long after the newest delivered segment was sent an older one is given up.
// Adapts to reordering: no patience until any was seen, then a quarter of the least round trip,
// more of them for each round in which DSACK shows that a retransmission was needless. Also keeps
// the one outstanding tail loss probe.
class TcpRack {
 public:
  struct RoundTrip {
    Duration minimum;
    Duration smoothed;
  };

  // Takes what an ACK delivered. `echoed` is the instant of the echoed timestamp, rounded down, or
  // beginning(): an ACK that answers an earlier transmission says nothing about the last one.
  void learn(const TcpDelivery& delivery, Time echoed, Duration minimum_rtt, Time now);
  // A DSACK arrived while [una, nxt) was outstanding.
  void learn_duplicate(int64_t una, int64_t nxt);
  void recovery_ended();
  // A segment that was sent again arrived late: its repair was none.
  void learn_reordering() { reordering_seen_ = true; }

  // What to compare the outstanding segments with.
  TcpScoreboard::RackPoint point(bool impatient, const RoundTrip& round_trip, Time now) const;
  Duration patience(bool impatient, const RoundTrip& round_trip) const {
    return rtt_ + reordering_window(impatient, round_trip);
  }
  bool reordering_seen() const { return reordering_seen_; }

  // The tail loss probe: section 7. None is outstanding when probe_end() is negative.
  int64_t probe_end() const { return probe_end_; }
  bool probe_was_retransmission() const { return probe_was_retransmission_; }
  void probe_sent(int64_t end, bool retransmission) {
    probe_end_ = end;
    probe_was_retransmission_ = retransmission;
  }
  void probe_done() { probe_end_ = -1; }

 private:
  Duration reordering_window(bool impatient, const RoundTrip& round_trip) const;

  Time sent_ = Time::beginning();
  int64_t end_ = -1;
  Duration rtt_;
  bool reordering_seen_ = false;
  bool probe_was_retransmission_ = false;
  int window_multiplier_ = 1;
  int window_persists_ = 0;       // recoveries until the multiplier falls back
  int64_t duplicate_round_ = -1;  // the round in which a DSACK was already counted ends here
  int64_t probe_end_ = -1;
};

// Timestamps count units of 2^20 ns (1.049 ms; RFC 7323 allows 1 ms to 1 s).
constexpr int kTcpTimestampShift = 20;
inline int64_t tcp_timestamp_of(Time at) { return at.ns() >> kTcpTimestampShift; }

}  // namespace violin
