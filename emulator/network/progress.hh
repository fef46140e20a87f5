#pragma once

#include <chrono>
#include <cstdint>

#include "core/time.hh"

namespace violin {

// One line on a terminal that says how far a run is: virtual time, wall time, speed-up, frames.
// Silent when standard error is no terminal, or when asked to be.
class Progress {
 public:
  struct State {
    Time now;
    Duration duration;
    uint64_t frame_hops = 0;
  };

  explicit Progress(bool quiet);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // True when it is time for the next update(): five times a second.
  bool due() const;
  void update(const State& state);

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point next_ = started_ + std::chrono::milliseconds(500);
};

}  // namespace violin
