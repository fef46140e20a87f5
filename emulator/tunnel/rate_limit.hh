#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.hh"

namespace violin {

// Lets through `per_second` things on average and `burst` at once: a bucket of time, of which each
// thing takes its share.
class RateLimit {
 public:
  struct Options {
    int64_t per_second = 1;
    int64_t burst = 1;
  };

  explicit RateLimit(const Options& options)
      : each_(Duration::seconds(1) / options.per_second), full_(each_ * options.burst) {}

  // True when one more may pass at `now`, which never goes back.
  bool take(Time now) {
    // What has been taken is paid back as time goes by.
    const Time start = std::max(paid_until_, now - full_);
    if (start + each_ > now) return false;
    paid_until_ = start + each_;
    return true;
  }

 private:
  Duration each_;
  Duration full_;
  Time paid_until_ = Time::beginning();
};

}  // namespace violin
