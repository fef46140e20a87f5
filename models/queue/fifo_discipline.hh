#pragma once

#include <cstdint>

#include "models/queue/fifo.hh"
#include "models/queue/queue_bound.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// What the disciplines that send first in, first out have in common: the frames that wait, their
// hard limit, and the rate of the wire. Which of them is dropped, and when, is the discipline's.
class FifoDiscipline : public QueueDiscipline {
 public:
  uint32_t packets() const final { return fifo_.packets(); }
  Bytes bytes() const final { return fifo_.bytes(); }
  Duration last_sojourn() const final { return fifo_.last_sojourn(); }
  void flush(DropReason reason, Time now, QueueEvents& events) override;
  void set_rate(BitRate rate) override;

 protected:
  FifoDiscipline(const QueueSpec& spec, BitRate rate);

  // Whether the frame may wait; if not it has been dropped (kQueueFull).
  bool admit(Frame& frame, Time now, QueueEvents& events);
  // What the discipline decided to drop: marked, and then false, where ECN allows it; else dropped
  // (kActiveQueue).
  bool drop_or_mark(Frame& frame, bool may_mark, Time now, QueueEvents& events);

  BitRate rate() const { return rate_; }
  const QueueBound& bound() const { return bound_; }
  bool ecn() const { return ecn_; }

  Fifo fifo_;

 private:
  QueueBound bound_;
  BitRate rate_;
  bool ecn_;
};

}  // namespace violin
