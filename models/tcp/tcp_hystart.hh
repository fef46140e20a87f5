#pragma once

#include <cstdint>

#include "core/time.hh"
#include "models/tcp/tcp_congestion.hh"

namespace violin {

// HyStart (Ha and Rhee, "Taming the elephants: New TCP slow start", Computer Networks 55, 2011)
// with the parameters of Linux's CUBIC: notices within a round that slow start has filled the path.
// By the ACK train: ACKs that have come without a pause for half of the least round trip answer a
// window of a full path. By the delay: every round trip of the round is longer than the least one,
// by an eighth of it, and 4 to 16 ms.
class TcpHystart {
 public:
  // Takes an ACK that arrives in slow start. True when slow start is to end here.
  bool path_is_full(const TcpCongestionWindow& window, const TcpGrowth& growth);
  // The path may be another one: after a timeout.
  void reset() { *this = TcpHystart(); }

 private:
  bool train_is_long(const TcpCongestionWindow& window, const TcpGrowth& growth);
  bool delay_has_risen(Duration rtt);

  int64_t round_end_ = 0;
  Time round_start_;
  Time last_in_train_;
  Duration minimum_ = Duration::max();  // of all samples
  Duration round_minimum_ = Duration::max();
  int samples_ = 0;  // in this round
};

}  // namespace violin
