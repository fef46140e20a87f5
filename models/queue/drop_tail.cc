#include "models/queue/drop_tail.hh"

namespace violin {

void DropTail::flush(DropReason reason, Time now, QueueEvents& events) {
  fifo_.flush(reason, now, events);
}

void DropTail::set_rate(BitRate rate) { bound_.set_rate(rate); }

}  // namespace violin
