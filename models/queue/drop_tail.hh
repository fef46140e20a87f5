#pragma once

#include <cstdint>
#include <utility>

#include "models/queue/fifo.hh"
#include "models/queue/queue_bound.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// First in, first out; a frame that does not fit is dropped as it comes (kQueueFull). The limit is
// in packets, in bytes, or in the time the rate needs for them, and does not count the frame being
// sent. It never marks. Final and inline: the wire holds one by value and calls it directly, for it
// is the queue of nearly every frame-hop. It takes ordinary frames: whoever has a super-frame
// splits it first (core/segmentation.hh), so that each segment is decided about by itself.
class DropTail final : public QueueDiscipline {
 public:
  DropTail(const QueueLimit& limit, BitRate rate) : bound_(limit, rate) {}

  void enqueue(Frame frame, Time now, QueueEvents& events) override {
    if (!bound_.admits(fifo_.packets(), fifo_.bytes(), Bytes(frame.size()))) [[unlikely]] {
      events.queue_dropped(std::move(frame), DropReason::kQueueFull, now);
      return;
    }
    fifo_.push(std::move(frame), now);
  }
  Frame dequeue(Time now, QueueEvents&) override { return fifo_.pop(now); }

  uint32_t packets() const override { return fifo_.packets(); }
  Bytes bytes() const override { return fifo_.bytes(); }
  Duration last_sojourn() const override { return fifo_.last_sojourn(); }
  void flush(DropReason reason, Time now, QueueEvents& events) override;
  void set_rate(BitRate rate) override;

 private:
  Fifo fifo_;
  QueueBound bound_;
};

}  // namespace violin
