#pragma once

#include <cstdint>
#include <memory>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/random.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "models/link/wire_spec.hh"

namespace violin {

// Told of what a queue discipline decides, as it decides it.
class QueueEvents {
 public:
  virtual void queue_dropped(Frame frame, DropReason reason, Time now) = 0;
  virtual void queue_marked(Time now) = 0;  // one packet got "congestion experienced"

 protected:
  ~QueueEvents() = default;
};

// What waits for a wire, and in which order it leaves. A passive state machine: it is told the time
// and schedules nothing. Calls come in time order. The frame being sent is not in it. Every frame
// that enters leaves by dequeue() or by QueueEvents::queue_dropped().
class QueueDiscipline {
 public:
  virtual ~QueueDiscipline() = default;
  // Takes the frame, or drops it (or another one) through `events`.
  virtual void enqueue(Frame frame, Time now, QueueEvents& events) = 0;
  // The next frame to send; empty when there is none left, perhaps after dropping some.
  virtual Frame dequeue(Time now, QueueEvents& events) = 0;
  virtual uint32_t packets() const = 0;
  virtual Bytes bytes() const = 0;
  // How long the frame returned last had waited.
  virtual Duration last_sojourn() const = 0;
  // Ends every waiting frame with `reason`.
  virtual void flush(DropReason reason, Time now, QueueEvents& events) = 0;
  // The wire's rate changed: limits given as a time and PIE's estimate follow it.
  virtual void set_rate(BitRate rate) = 0;
};

// Makes the discipline that `spec` asks for, on a wire of `rate` (0 = trace-driven: pass the
// trace's mean rate). `random` is its private substream (RED, PIE, FQ-CoDel's hash perturbation).
std::unique_ptr<QueueDiscipline> make_queue_discipline(const QueueSpec& spec, BitRate rate,
                                                       Random random);

}  // namespace violin
