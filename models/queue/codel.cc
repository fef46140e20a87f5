#include "models/queue/codel.hh"

#include <utility>

#include "core/check.hh"

namespace violin {

Codel::Codel(const QueueSpec& spec, BitRate rate)
    : FifoDiscipline(spec, rate), parameters_{spec.codel_target, spec.codel_interval, spec.ecn} {
  CHECK_COMPARE(spec.codel_interval.ns(), >, 0);
}

void Codel::enqueue(Frame frame, Time now, QueueEvents& events) {
  if (admit(frame, now, events)) fifo_.push(std::move(frame), now);
}

Frame Codel::dequeue(Time now, QueueEvents& events) {
  return control_.dequeue(fifo_, now, parameters_, events);
}

}  // namespace violin
