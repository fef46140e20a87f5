#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace violin {

// Which counters of a session were seen already (the idea of RFC 4303 section 3.4.3): accepts each
// counter once, and none that is kSize or more behind the highest seen.
class ReplayWindow {
 public:
  static constexpr uint64_t kSize = 8192;

  // True when `counter` is new, which it then no longer is.
  bool accept(uint64_t counter) {
    if (!any_ || counter > highest_) {
      advance_to(counter);
    } else if (highest_ - counter >= kSize || seen_.test(counter % kSize)) {
      return false;
    }
    seen_.set(counter % kSize);
    return true;
  }

 private:
  // Forgets what falls out of the window. The counter is the sender's to choose: no more than kSize
  // steps, and no sum that could wrap.
  void advance_to(uint64_t counter) {
    if (!any_ || counter - highest_ >= kSize) {
      seen_.reset();
    } else {
      for (uint64_t c = highest_ + 1; c < counter; ++c) seen_.reset(c % kSize);
    }
    any_ = true;
    highest_ = counter;
  }

  bool any_ = false;
  uint64_t highest_ = 0;  // accepted so far
  std::bitset<kSize> seen_;
};

}  // namespace violin
