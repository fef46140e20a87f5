#include "models/queue/fifo_discipline.hh"

#include <utility>

#include "models/queue/congestion_mark.hh"

namespace violin {

FifoDiscipline::FifoDiscipline(const QueueSpec& spec, BitRate rate)
    : bound_(spec.limit, rate), rate_(rate), ecn_(spec.ecn) {}

bool FifoDiscipline::admit(Frame& frame, Time now, QueueEvents& events) {
  if (bound_.admits(fifo_.packets(), fifo_.bytes(), Bytes(frame.size()))) return true;
  events.queue_dropped(std::move(frame), DropReason::kQueueFull, now);
  return false;
}

bool FifoDiscipline::drop_or_mark(Frame& frame, bool may_mark, Time now, QueueEvents& events) {
  if (ecn_ && may_mark && mark_instead_of_dropping(frame, now, events)) return false;
  events.queue_dropped(std::move(frame), DropReason::kActiveQueue, now);
  return true;
}

void FifoDiscipline::flush(DropReason reason, Time now, QueueEvents& events) {
  fifo_.flush(reason, now, events);
}

void FifoDiscipline::set_rate(BitRate rate) {
  rate_ = rate;
  bound_.set_rate(rate);
}

}  // namespace violin
