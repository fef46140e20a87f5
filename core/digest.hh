#pragma once

#include <cstdint>
#include <string_view>

#include "core/frame.hh"
#include "core/time.hh"

// Evidence that two runs did the same: a chain over every frame that left the far end of a wire.

namespace violin {

// The chain value of one wire direction. It covers, per frame, the nominal instant, the length, the
// first 66 bytes and the position-weighted sums of all the rest: a function of the frame's bytes
// alone, however they are held in memory, and O(1) in the payload of a stream.
class DigestChain {
 public:
  void add(const Frame& frame, Time now);
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0;
};

// Combines named chain values; call in name order.
class DigestCombiner {
 public:
  void add(std::string_view name, uint64_t value);
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0x76696f6c696e;
};

}  // namespace violin
