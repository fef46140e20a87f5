#pragma once

#include <cstdint>
#include <optional>

#include "core/byte_order.hh"
#include "core/frame.hh"
#include "core/time.hh"

namespace violin {

// The first bytes of each datagram that a UdpSource sends: its number from 0 on, and when it was
// sent (ns of scenario time). What follows is stream payload. One clock drives both ends, so the
// one-way delay is exact; between machines under the real clock it would not be.
struct UdpDatagramHeader {
  static constexpr uint32_t kSize = 16;
  uint64_t sequence = 0;
  Time sent;

  void write(std::byte* to) const {
    store_be64(to, sequence);
    store_be64(to + 8, static_cast<uint64_t>(sent.ns()));
  }
  // Makes the first bytes contiguous; nothing when the frame is too short.
  static std::optional<UdpDatagramHeader> read(Frame& frame) {
    if (!frame.make_contiguous(kSize)) return std::nullopt;
    return read(frame.headers().data());
  }
  // From kSize bytes.
  static UdpDatagramHeader read(const std::byte* at) {
    return {load_be64(at), Time::from_ns(static_cast<int64_t>(load_be64(at + 8)))};
  }
};

}  // namespace violin
