#include "models/queue/codel.hh"

#include <utility>

#include "core/check.hh"

namespace violin {

Codel::Codel(const QueueSpec& spec, BitRate rate)
    : parameters_{spec.codel_target, spec.codel_interval, spec.ecn}, bound_(spec.limit, rate) {
  CHECK_COMPARE(spec.codel_interval.ns(), >, 0);
}

void Codel::enqueue(Frame frame, Time now, QueueEvents& events) {
  if (!bound_.admits(fifo_.packets(), fifo_.bytes(), Bytes(frame.size()))) {
    events.queue_dropped(std::move(frame), DropReason::kQueueFull, now);
    return;
  }
  fifo_.push(std::move(frame), now);
}

Frame Codel::dequeue(Time now, QueueEvents& events) {
  return control_.dequeue(fifo_, now, parameters_, events);
}

void Codel::flush(DropReason reason, Time now, QueueEvents& events) {
  fifo_.flush(reason, now, events);
}

}  // namespace violin
