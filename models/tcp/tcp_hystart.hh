#pragma once

#include <cstdint>

#include "core/time.hh"
#include "models/tcp/tcp_congestion.hh"

namespace violin {

// HyStart++ (RFC 9406): notices by a rising round-trip time that slow start has filled the path,
// grows conservatively for five rounds, and ends slow start unless the rise was a false alarm.
class TcpHystart {
 public:
  // By how much to divide the growth that this ACK would give in slow start: 1, or 4 in the
  // conservative phase; 0 when slow start is over.
  int divisor(const TcpGrowth& growth);
  // Slow start has ended by other means, a loss: HyStart++ is for the first one only.
  void finish() { phase_ = Phase::kDone; }
  bool done() const { return phase_ == Phase::kDone; }

 private:
  enum class Phase : uint8_t { kSlowStart, kConservative, kDone };
  void start_round(int64_t end);
  void look_for_delay();

  Phase phase_ = Phase::kSlowStart;
  int64_t round_end_ = 0;
  Duration last_minimum_ = Duration::max();
  Duration current_minimum_ = Duration::max();
  Duration baseline_ = Duration::max();
  int samples_ = 0;
  int conservative_rounds_ = 0;
};

}  // namespace violin
