#pragma once

#include "models/queue/codel_control.hh"
#include "models/queue/fifo_discipline.hh"

namespace violin {

// CoDel (RFC 8289): first in first out, dropping (or marking) on leaving when frames have waited
// for more than `codel_target` throughout a `codel_interval`, at a rate that grows with the square
// root of the drops made. It needs to know neither the rate nor a random number. The queue's hard
// limit drops arrivals (kQueueFull).
class Codel final : public FifoDiscipline {
 public:
  Codel(const QueueSpec& spec, BitRate rate);

  void enqueue(Frame frame, Time now, QueueEvents& events) override;
  Frame dequeue(Time now, QueueEvents& events) override;

 private:
  CodelControl control_;
  CodelControl::Parameters parameters_;
};

}  // namespace violin
