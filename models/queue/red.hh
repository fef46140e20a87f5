#pragma once

#include <cstdint>

#include "core/random.hh"
#include "models/queue/fifo_discipline.hh"

namespace violin {

// The averages between which RED drops with a growing probability.
struct RedThresholds {
  Bytes min, max;
};
// Those asked for; what is zero becomes a quarter, or three quarters, of the queue's limit.
RedThresholds red_thresholds(const RedThresholds& asked, Bytes limit);

// Random early detection (Floyd and Jacobson, "Random Early Detection Gateways for Congestion
// Avoidance", IEEE/ACM ToN 1993): drops or marks arrivals with a probability that grows from 0 at
// an averaged queue of `red_min` to `red_probability` at `red_max`; beyond, with `red_gentle`, to 1
// at twice that (Floyd 2000), without it to 1 at once. In fixed point throughout.
//
// - The average is that of bytes waiting, taken at each arrival, with weight 2^-red_weight_shift
//   (paper, section IV). While the queue was empty it decays as if full frames had gone by at the
//   link's rate (same section: m small packets that could have been sent); at no rate, to zero.
// - Spacing (section VII, method 2): with n packets passed since the last drop the probability is
//   p / (1 - n p), so that the distance from drop to drop is uniform over 1 .. 1/p.
// - Every packet counts alike, whatever its length.
// - With ECN a capable packet is marked wherever RED would drop it, as the paper has it, also above
//   the upper threshold. A full queue drops (kQueueFull).
//
// What finds the wire idle never comes to a queue and so is no part of the average but as idle
// time. Limits, which the reader of a scenario keeps: a weight_shift of kWeightShiftMax at most,
// and a min below max (red_thresholds).
class Red final : public FifoDiscipline {
 public:
  // The average is kept in units of 2^-shift bytes, within 64 bits.
  static constexpr uint32_t kWeightShiftMax = 30;

  Red(const QueueSpec& spec, BitRate rate, Random random);

  void enqueue(Frame frame, Time now, QueueEvents& events) override;
  Frame dequeue(Time now, QueueEvents& events) override;
  void flush(DropReason reason, Time now, QueueEvents& events) override;
  void set_rate(BitRate rate) override;

  // The averaged queue, rounded down.
  Bytes average() const;

 private:
  void set_thresholds();
  void update_average(Time now);
  uint64_t base_probability() const;
  bool chooses(uint64_t probability);

  Random random_;
  uint32_t shift_;
  bool gentle_;
  Probability probability_max_;
  RedThresholds asked_;
  int64_t min_ = 0;  // bytes
  int64_t max_ = 0;
  uint64_t average_ = 0;  // in units of 2^-shift_ bytes, so that each update is exact to one unit
  Time idle_since_ = Time::beginning();
  uint64_t passed_ = 0;  // packets since the last drop or mark, while the average is above min
};

}  // namespace violin
