#pragma once

#include <time.h>

#include "core/time.hh"

namespace violin {

// The wall clock as scenario time: CLOCK_MONOTONIC, counted from the instant that was agreed on as
// time 0. All processes of one machine read the same one.
class ScenarioClock {
 public:
  // `zero` is what CLOCK_MONOTONIC shows at scenario time 0, ns.
  explicit ScenarioClock(int64_t zero_ns) : zero_ns_(zero_ns) {}
  Time now() const { return Time::from_ns(monotonic_ns() - zero_ns_); }
  void set_zero(int64_t zero_ns) { zero_ns_ = zero_ns; }

  static int64_t monotonic_ns() { return read(CLOCK_MONOTONIC); }
  // What the calendar (CLOCK_REALTIME) shows when CLOCK_MONOTONIC shows `monotonic_ns`, unless it
  // is set in between: nanoseconds since 1970.
  static int64_t calendar_ns(int64_t monotonic_ns) {
    return read(CLOCK_REALTIME) + (monotonic_ns - read(CLOCK_MONOTONIC));
  }

 private:
  static int64_t read(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }

  int64_t zero_ns_;
};

}  // namespace violin
