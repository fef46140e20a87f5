#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "core/time.hh"

namespace violin {

// One line on a terminal that says how far a run is: virtual time, wall time, speed-up, frames.
// Silent when standard error is no terminal, or when asked to be.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  using ReadClock = std::function<Clock::time_point()>;

  struct State {
    Time now;
    Duration duration;
    uint64_t frame_hops = 0;
  };

  // `read_clock` is asked for the wall time, and only for what is shown.
  explicit Progress(bool quiet, ReadClock read_clock = Clock::now);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // True when it is time for the next update(): after half a second, then five times a second.
  bool due() const;
  void update(const State& state);

 private:
  bool shown_;
  bool drawn_ = false;
  ReadClock read_clock_;
  Clock::time_point started_ = read_clock_();
  Clock::time_point next_ = started_ + std::chrono::milliseconds(500);
};

// "50 %  30.0 s of 60 s virtual, 2.0 s wall, 15.0 x, 1.5 M frame hops"; before time 0 it is 0 s.
std::string progress_text(const Progress::State& state, double wall_seconds);

}  // namespace violin
