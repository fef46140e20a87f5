#pragma once

#include "models/queue/codel_control.hh"
#include "models/queue/fifo.hh"
#include "models/queue/queue_bound.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// CoDel (RFC 8289): first in first out, dropping (or marking) on leaving when frames have waited
// for more than `codel_target` throughout a `codel_interval`, at a rate that grows with the square
// root of the drops made. It needs to know neither the rate nor a random number. The queue's hard
// limit drops arrivals (kQueueFull).
class Codel final : public QueueDiscipline {
 public:
  Codel(const QueueSpec& spec, BitRate rate);

  void enqueue(Frame frame, Time now, QueueEvents& events) override;
  Frame dequeue(Time now, QueueEvents& events) override;
  uint32_t packets() const override { return fifo_.packets(); }
  Bytes bytes() const override { return fifo_.bytes(); }
  Duration last_sojourn() const override { return fifo_.last_sojourn(); }
  void flush(DropReason reason, Time now, QueueEvents& events) override;
  void set_rate(BitRate rate) override { bound_.set_rate(rate); }

 private:
  Fifo fifo_;
  CodelControl control_;
  CodelControl::Parameters parameters_;
  QueueBound bound_;
};

}  // namespace violin
