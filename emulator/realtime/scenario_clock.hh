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

  static int64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }

 private:
  int64_t zero_ns_;
};

}  // namespace violin
