#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/byte_order.hh"

// UDP (RFC 768) and ICMP (RFC 792, RFC 4443) headers. TCP's is in core/tcp_header.hh.

namespace violin {

struct UdpHeader {
  static constexpr uint32_t kSize = 8;
  static constexpr uint32_t kChecksumOffset = 6;

  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint16_t length = 0;  // header and data, bytes
  uint16_t checksum = 0;

  static std::optional<UdpHeader> read(std::span<const std::byte> from) {
    if (from.size() < kSize) return std::nullopt;
    const std::byte* at = from.data();
    return UdpHeader{load_be16(at), load_be16(at + 2), load_be16(at + 4), load_be16(at + 6)};
  }
  void write(std::byte* to) const {
    store_be16(to, source_port);
    store_be16(to + 2, destination_port);
    store_be16(to + 4, length);
    store_be16(to + 6, checksum);
  }
};

struct IcmpHeader {
  static constexpr uint32_t kSize = 8;
  static constexpr uint32_t kChecksumOffset = 2;

  static constexpr uint8_t kEchoReply = 0;
  static constexpr uint8_t kDestinationUnreachable = 3;
  static constexpr uint8_t kEchoRequest = 8;
  static constexpr uint8_t kTimeExceeded = 11;

  // Codes of kDestinationUnreachable.
  static constexpr uint8_t kNetworkUnreachable = 0;
  static constexpr uint8_t kHostUnreachable = 1;
  static constexpr uint8_t kPortUnreachable = 3;
  static constexpr uint8_t kFragmentationNeeded = 4;

  uint8_t type = 0;
  uint8_t code = 0;
  uint16_t checksum = 0;
  uint16_t identifier = 0;  // echo; otherwise unused
  uint16_t sequence = 0;    // echo; next-hop MTU of kFragmentationNeeded (RFC 1191)

  static std::optional<IcmpHeader> read(std::span<const std::byte> from) {
    if (from.size() < kSize) return std::nullopt;
    const std::byte* at = from.data();
    return IcmpHeader{static_cast<uint8_t>(at[0]), static_cast<uint8_t>(at[1]), load_be16(at + 2),
                      load_be16(at + 4), load_be16(at + 6)};
  }
  void write(std::byte* to) const {
    to[0] = std::byte{type};
    to[1] = std::byte{code};
    store_be16(to + 2, checksum);
    store_be16(to + 4, identifier);
    store_be16(to + 6, sequence);
  }
};

}  // namespace violin
