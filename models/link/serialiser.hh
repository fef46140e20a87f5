#pragma once

#include <cstdint>
#include <memory>

#include "core/check.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "models/link/wire_spec.hh"

namespace violin {

// When a wire has sent which frame: exactly, in whole nanoseconds. It holds no frame and schedules
// nothing.
//
// With a rate: the fraction of a nanosecond by which a frame ended before its rounded-up end is
// carried to the next, so that any N frames sent back to back take ceil(total bits / rate), never
// less and never more. A frame is back to back with the one before when it is sent no later than
// that one's end; after a pause the fraction is forgotten.
//
// With a trace (Mahimahi: Netravali et al., USENIX ATC 2015): at each of its instants the wire can
// carry 1514 bytes of L2. What a frame leaves of an opportunity serves the next frame if that is
// there by then, and is lost otherwise, as are opportunities that nobody waits for. A frame ends
// with the opportunity that carries its last byte, so several may end at one instant; it begins
// when the wire is free, even if its first opportunity comes later. The trace starts at time 0,
// repeats with the period of its last entry, and is taken to have repeated before time 0.
//
// Limits: frames up to 1 GiB, any rate an int64_t can hold; without a rate a frame takes no time.
class Serialiser {
 public:
  // What one opportunity of a trace carries, bytes of L2.
  static constexpr int64_t kOpportunity = 1514;

  struct Slot {
    Time begin;  // when the wire is this frame's
    Time end;    // when its last bit has been sent; when the wire is the next frame's
  };

  // With a `trace`, `rate` does not matter; the trace is not empty, ascends, and ends above zero.
  explicit Serialiser(BitRate rate, std::shared_ptr<const RateTrace> trace = nullptr);

  // Sends `length` bytes (with the overhead of the link) at `earliest`, or as soon as the wire is
  // free. Calls come in the order of sending.
  Slot send(Bytes length, Time earliest) {
    CHECK_COMPARE(static_cast<uint64_t>(length.count()), <=, kLengthLimit);
    if (trace_ != nullptr) [[unlikely]]
      return send_by_trace(length, earliest);
    if (earliest > busy_until_) {
      busy_until_ = earliest;
      fraction_ = 0;
    }
    const Time begin = busy_until_;
    if (rate_ != 0) [[likely]]
      busy_until_ = end_after(length);
    return {begin, busy_until_};
  }

  // When the wire has sent everything it was given: a frame sent then is back to back.
  Time busy_until() const { return busy_until_; }
  bool is_unlimited() const { return rate_ == 0 && trace_ == nullptr; }

  // Frames from now on take this rate's time, and no longer that of a trace; what was sent stays.
  void set_rate(BitRate rate);

 private:
  static constexpr uint64_t kLengthLimit = uint64_t{1} << 30;

  // In the common case, the length of the frame before, it does without dividing.
  Time end_after(Bytes length) {
    if (length != last_length_) {
      // At most 2^33 bits x 10^9: below 2^63.
      const uint64_t bit_nanoseconds = static_cast<uint64_t>(length.bits()) * 1'000'000'000;
      last_length_ = length;
      whole_ = bit_nanoseconds / rate_;
      rest_ = bit_nanoseconds % rate_;
    }
    // busy_until_ is rounded up: where there is a fraction it is the nanosecond begun by it.
    uint64_t span = whole_;
    if (fraction_ != 0) --span;
    fraction_ += rest_;
    if (fraction_ >= rate_) {
      fraction_ -= rate_;
      ++span;
    }
    if (fraction_ != 0) ++span;
    return busy_until_ + Duration::nanoseconds(static_cast<int64_t>(span));
  }
  Slot send_by_trace(Bytes length, Time earliest);

  uint64_t rate_ = 0;  // bits per second; 0 = unlimited
  Time busy_until_ = Time::beginning();
  uint64_t fraction_ = 0;  // of the last nanosecond before busy_until_ that is used: of rate_

  // What last_length_ takes: whole_ nanoseconds and rest_ / rate_ of one.
  Bytes last_length_;
  uint64_t whole_ = 0;
  uint64_t rest_ = 0;

  std::shared_ptr<const RateTrace> trace_;
  int64_t next_opportunity_ = 0;  // counted over all repetitions; entry 0 of the first one is 0
  int64_t bytes_left_ = 0;        // of the opportunity at busy_until_
};

// What the trace carries on average, over one period; at least 1 bit/s.
BitRate mean_rate(const RateTrace& trace);

// What it can carry from `from` until just before `to`, bytes of L2 in whole opportunities.
Bytes capacity(const RateTrace& trace, Time from, Time to);

}  // namespace violin
