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
    if (counter >= next_) {
      const uint64_t steps = counter - next_ + 1;
      if (steps >= kSize) {
        seen_.reset();
      } else {
        for (uint64_t c = next_; c < counter; ++c) seen_.reset(c % kSize);
      }
      next_ = counter + 1;
      seen_.set(counter % kSize);
      return true;
    }
    if (next_ - counter > kSize || seen_.test(counter % kSize)) return false;
    seen_.set(counter % kSize);
    return true;
  }

 private:
  uint64_t next_ = 0;  // one above the highest accepted
  std::bitset<kSize> seen_;
};

}  // namespace violin
