#include "models/tcp/tcp_rack.hh"

#include <algorithm>

namespace violin {
namespace {

constexpr int kWindowPersists = 16;

}  // namespace

void TcpRack::learn(const TcpDelivery& delivery, Time echoed, Duration minimum_rtt, Time now) {
  if (delivery.reordering) reordering_seen_ = true;
  if (delivery.newest_end < 0) return;
  const Duration rtt = now - delivery.newest_sent;
  if (delivery.newest_was_retransmitted) {
    // The ACK of an out-of-order segment echoes the last timestamp that came in order: no evidence.
    const bool answers_earlier = !delivery.newly_sacked && echoed != Time::beginning() &&
                                 tcp_timestamp_of(echoed) < tcp_timestamp_of(delivery.newest_sent);
    if (answers_earlier || rtt < minimum_rtt) return;
  }
  rtt_ = rtt;
  if (delivery.newest_sent > sent_ ||
      (delivery.newest_sent == sent_ && delivery.newest_end > end_)) {
    sent_ = delivery.newest_sent;
    end_ = delivery.newest_end;
  }
}

void TcpRack::learn_duplicate(int64_t una, int64_t nxt) {
  if (duplicate_round_ >= 0 && una < duplicate_round_) return;
  duplicate_round_ = nxt;
  window_multiplier_ = std::min(window_multiplier_ + 1, 255);
  window_persists_ = kWindowPersists;
}

void TcpRack::recovery_ended() {
  if (window_persists_ > 0 && --window_persists_ == 0) window_multiplier_ = 1;
}

Duration TcpRack::reordering_window(bool impatient, const RoundTrip& round_trip) const {
  if (!reordering_seen_ && impatient) return Duration();
  return std::min(round_trip.minimum * window_multiplier_ / 4, round_trip.smoothed);
}

TcpScoreboard::RackPoint TcpRack::point(bool impatient, const RoundTrip& round_trip,
                                        Time now) const {
  return {sent_, end_, patience(impatient, round_trip), now};
}

}  // namespace violin
