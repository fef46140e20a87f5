#pragma once

#include "core/time.hh"

namespace violin {

// Decides when the next event may run. The only difference between the two clocks.
class Pacer {
 public:
  virtual ~Pacer() = default;
  // Called before the clock moves to `due`. Returns `due` when the event may run now, or an earlier
  // instant when something new may have been scheduled meanwhile: the scheduler looks again.
  virtual Time advance_to(Time due) = 0;
};

// The virtual clock: jumps to the next event.
class Warp final : public Pacer {
 public:
  Time advance_to(Time due) override { return due; }
};

}  // namespace violin
