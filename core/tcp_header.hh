#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

// The TCP header (RFC 9293) with the options of RFC 7323 (window scale, timestamps) and RFC 2018
// (selective acknowledgment).

namespace violin {

// A block of received bytes, [begin, end) in sequence space.
struct SackBlock {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const SackBlock&) const = default;
};

struct TcpHeader {
  static constexpr uint32_t kSize = 20;            // without options
  static constexpr uint32_t kTimestampsSize = 12;  // the option and two NOPs that align it
  static constexpr uint32_t kMaximumSize = 60;
  static constexpr uint32_t kChecksumOffset = 16;

  static constexpr uint8_t kFin = 0x01;
  static constexpr uint8_t kSyn = 0x02;
  static constexpr uint8_t kRst = 0x04;
  static constexpr uint8_t kPsh = 0x08;
  static constexpr uint8_t kAck = 0x10;
  static constexpr uint8_t kUrg = 0x20;
  static constexpr uint8_t kEce = 0x40;  // RFC 3168
  static constexpr uint8_t kCwr = 0x80;

  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint32_t sequence = 0;
  uint32_t acknowledgment = 0;
  uint8_t flags = 0;
  uint16_t window = 0;  // as on the wire, not scaled
  uint16_t checksum = 0;
  uint8_t header_length = kSize;  // bytes, with options; set by read() and by size()

  // Options; absent unless set.
  std::optional<uint16_t> maximum_segment_size;
  std::optional<uint8_t> window_scale;
  bool sack_permitted = false;
  struct Timestamps {
    uint32_t value = 0;
    uint32_t echo = 0;
  };
  std::optional<Timestamps> timestamps;
  std::array<SackBlock, 4> sack_blocks;
  uint8_t sack_count = 0;

  bool has(uint8_t flag) const { return (flags & flag) != 0; }
  // Nothing when the header is cut off or an option does not fit (RFC 9293 section 3.1).
  static std::optional<TcpHeader> read(std::span<const std::byte> from);
  // Bytes that write() writes: the header and its options, padded to a multiple of four.
  uint32_t size() const;
  // Writes size() bytes. Timestamps are aligned as Linux does (NOP NOP first), SACK likewise.
  void write(std::byte* to) const;
};

}  // namespace violin
