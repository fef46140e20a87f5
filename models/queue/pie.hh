#pragma once

#include <cstdint>

#include "core/random.hh"
#include "models/queue/fifo_discipline.hh"

namespace violin {

// PIE (RFC 8033, section 4, and ECN of section 5.1): drops arrivals at random with a probability
// that a proportional-integral controller adjusts every `pie_update`, so that the queueing delay
// comes to `pie_target`.
//
// - Delay is the bytes waiting divided by the rate (section 4.3); a virtual link's rate is known,
// so
//   nothing is estimated. On a trace-driven wire it is the trace's mean rate.
// - alpha = 1/8 Hz and beta = 5/4 Hz for the default of 15 ms (section 4.2), with the automatic
//   tuning table of that section; the decay by 2 % when two delays in a row are zero.
// - No drop while a burst of `pie_burst` is allowed (section 4.4), while the last delay was below
//   half the target and the probability below 20 %, or with no more than two mean packets (of 1024
//   bytes) waiting (section 4.1).
// - With ECN a capable packet is marked while the probability is below 10 % (section 5.1).
// - Of section 5 the optional parts are left out: derandomisation, the cap on one adjustment, and
//   switching PIE off. The queue's hard limit drops arrivals (kQueueFull).
//
// Nothing is scheduled: the queue does not change between two calls, so each call first makes the
// updates that fell due since the last one, at the multiples of `pie_update` from time 0.
// Probabilities are in units of 2^-48.
class Pie final : public FifoDiscipline {
 public:
  Pie(const QueueSpec& spec, BitRate rate, Random random);

  void enqueue(Frame frame, Time now, QueueEvents& events) override;
  Frame dequeue(Time now, QueueEvents& events) override;
  void flush(DropReason reason, Time now, QueueEvents& events) override;

  // Rounded to the nearest 2^-32.
  Probability drop_probability() const;

 private:
  void catch_up(Time now);
  bool update();
  Duration delay() const;
  int64_t adjustment(Duration delay) const;
  bool wants_to_drop();

  Random random_;
  Duration target_;
  Duration period_;
  Duration burst_max_;

  bool begun_ = false;
  int64_t updates_ = 0;  // made, counted from time 0
  int64_t probability_ = 0;
  Duration delay_before_;
  Duration burst_left_;
};

}  // namespace violin
