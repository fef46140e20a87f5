#pragma once

#include <cstdint>

#include "core/frame.hh"
#include "core/time.hh"
#include "models/queue/fifo.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// CoDel's control loop over one first-in first-out queue (RFC 8289 sections 5.3 to 5.6): it decides
// on leaving, by how long a frame has waited. Codel has one, FqCodel one per flow.
//
// Choices where the RFC leaves them: the largest packet is the largest frame seen here (section 5.6
// would take the MTU), and the wait to the next drop, interval / sqrt(count), is exact to the
// nanosecond, rounded down, by integers. With ECN a frame is marked and sent where it would have
// been dropped, and counts as a drop for the control law.
class CodelControl {
 public:
  struct Parameters {
    Duration target;
    Duration interval;
    bool ecn = false;
  };

  // The next frame of `queue` to send, after dropping those that have waited for too long; empty
  // when there is none left.
  Frame dequeue(Fifo& queue, Time now, const Parameters& parameters, QueueEvents& events);

  bool is_dropping() const { return dropping_; }

 private:
  // A frame from the queue, and whether the queue has stood above target for an interval.
  struct Taken {
    Frame frame;
    bool ok_to_drop = false;
  };

  Taken take(Fifo& queue, Time now, const Parameters& parameters);
  Frame keep_dropping(Taken taken, Fifo& queue, Time now, const Parameters& parameters,
                      QueueEvents& events);
  Frame begin_dropping(Taken taken, Fifo& queue, Time now, const Parameters& parameters,
                       QueueEvents& events);
  Time next_drop_after(Time when, Duration interval);

  Time first_above_ = Time::never();  // when the queue will have stood for an interval; never = not
  Time drop_next_;
  uint64_t wait_ = 0;  // ns from a drop to the next, for this count or a smaller one; 0 = not known
  uint32_t count_ = 0;
  uint32_t last_count_ = 0;
  uint32_t largest_ = 0;  // frame seen, bytes
  bool dropping_ = false;
};

}  // namespace violin
