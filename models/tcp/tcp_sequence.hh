#pragma once

#include <cstdint>

namespace violin {

// The 32-bit sequence numbers of one direction, as positions that never wrap: 0 is the SYN, 1 the
// first byte of data. Everything inside a connection counts in positions; only headers wrap.
class TcpSequenceSpace {
 public:
  TcpSequenceSpace() = default;
  explicit TcpSequenceSpace(uint32_t initial) : initial_(initial) {}

  uint32_t to_wire(int64_t position) const { return initial_ + static_cast<uint32_t>(position); }
  // The position nearest to `near` that a header writes as `wire`; may be negative.
  int64_t from_wire(uint32_t wire, int64_t near) const {
    return near + static_cast<int32_t>(wire - to_wire(near));
  }

 private:
  uint32_t initial_ = 0;
};

}  // namespace violin
