#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/time.hh"

// The layout of a tunnel datagram, behind UDP, the same under both clocks:
//
//    0        1        2        3        4                 6                 8
//   +--------+--------+--------+--------+-----------------+-----------------+
//   | version|  kind  | chunk  | chunks |     offset      |      total      |
//   +--------+--------+--------+--------+-----------------+-----------------+
//   |                               session                                 |
//   +------------------------------------------------------------------------+
//   |                               counter                                 |
//   +------------------------------------------------------------------------+
//   |                  nominal send time, ns, signed                        |
//   +------------------------------------------------------------------------+
//   |            16-byte authentication tag, when encrypted                 |
//   +------------------------------------------------------------------------+
//   |  bytes [offset, …) of an Ethernet frame of `total` bytes              |
//
// All integers are big-endian. One datagram carries one chunk of one frame; a frame that fits has
// one chunk. The chunks of a frame have consecutive counters, so `counter - chunk` identifies the
// frame. The tag stands before the frame so that the frame may stay a lazy payload behind it.

namespace violin {

struct TunnelHeader {
  static constexpr uint32_t kSize = 32;
  static constexpr uint32_t kTagSize = 16;
  static constexpr uint8_t kVersion = 1;
  static constexpr uint8_t kPlain = 0;      // kind: the frame as it is
  static constexpr uint8_t kEncrypted = 1;  // kind, bit: tag present
  static constexpr uint8_t kSuper = 2;      // kind, bit: a super-frame, see kSuperPrefix
  // In front of a super-frame, and counted in `total`: its gso_size, 16 bits, and 16 bits of zero.
  // Real kernels alone make them; under the virtual clock every frame travels by itself.
  static constexpr uint32_t kSuperPrefix = 4;
  static constexpr uint32_t kChunksMax = 64;
  static constexpr uint16_t kUdpPort = 52004;

  uint8_t kind = kPlain;
  uint8_t chunk = 0;  // 0 … chunks - 1
  uint8_t chunks = 1;
  uint16_t offset = 0;  // of this chunk in the frame, bytes
  uint16_t total = 0;   // of the whole frame, bytes
  uint64_t session = 0;
  uint64_t counter = 0;
  Time sent;  // when the inner frame entered the tunnel

  bool is_encrypted() const { return (kind & kEncrypted) != 0; }
  bool is_super() const { return (kind & kSuper) != 0; }
  uint64_t frame_id() const { return counter - chunk; }
  // Bytes in front of the chunk.
  uint32_t overhead() const { return kSize + (is_encrypted() ? kTagSize : 0); }

  // Nothing when it is cut off, of another version or kind, or contradicts itself.
  static std::optional<TunnelHeader> read(std::span<const std::byte> from);
  // Writes kSize bytes.
  void write(std::byte* to) const;
};

}  // namespace violin
