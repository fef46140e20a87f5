#pragma once

#include <cstddef>
#include <cstdint>

#include "core/time.hh"

namespace violin {

// Whether to look for the next input a while before going to sleep. Sleeping and being woken costs
// more than looking does, here and at the sender; but it pays only where inputs follow each other
// closely, though not as closely as they can be read, and where nobody else wants the processor:
// what is lingered away then is missing from the share of it that lets a sleeper be woken at once.
class Lingering {
 public:
  // It looks this long for the next input at most.
  static constexpr Duration kMax = Duration::microseconds(200);
  // Frames that come closer than this on average had better wait for each other: who sleeps
  // meanwhile handles many at once.
  static constexpr Duration kDense = Duration::microseconds(8);
  // How long it does without when somebody else wanted the processor.
  static constexpr Duration kBackOff = Duration::milliseconds(20);

  // An input was read: that many frames; 0 of what are no frames. `switches` counts how often this
  // thread was put off its processor, ever.
  void learn(size_t frames, int64_t switches, Time now);
  // Whether now is a time to go on looking.
  bool looks_on(Time now) const { return now - last_input_ < span_ && now >= from_; }

 private:
  Duration span_;     // after an input
  Duration spacing_;  // of frames, a moving average
  Time last_input_;
  Time from_;  // not before
  int64_t switches_ = 0;
};

}  // namespace violin
