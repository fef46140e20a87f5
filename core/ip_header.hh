#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/addresses.hh"

// IPv4 (RFC 791) and IPv6 (RFC 8200) headers, read into and written from plain values.

namespace violin {

namespace ip_protocol {
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kIcmpV6 = 58;
}  // namespace ip_protocol

// The two ECN bits of the traffic class (RFC 3168).
enum class Ecn : uint8_t { kNotCapable = 0, kCapable1 = 1, kCapable0 = 2, kCongestion = 3 };

struct Ipv4Header {
  static constexpr uint32_t kSize = 20;  // without options

  uint8_t header_length = kSize;  // bytes, with options
  uint8_t traffic_class = 0;      // DSCP and ECN
  uint16_t total_length = 0;      // bytes, header and data
  uint16_t identification = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  uint16_t fragment_offset = 0;  // in bytes, a multiple of 8
  uint8_t ttl = 64;
  uint8_t protocol = 0;
  IpAddress source;
  IpAddress destination;

  bool is_fragment() const { return more_fragments || fragment_offset != 0; }
  // Nothing when version, lengths or bounds are wrong. `from` holds at least the header; that
  // total_length bytes are there is the caller's to see. The checksum is not looked at.
  static std::optional<Ipv4Header> read(std::span<const std::byte> from);
  // Whether the header's checksum is right; `from` holds the whole header.
  static bool checksum_is_right(std::span<const std::byte> from);
  // Writes kSize bytes with a right checksum; options are not written.
  void write(std::byte* to) const;
};

struct Ipv6Header {
  static constexpr uint32_t kSize = 40;

  uint8_t traffic_class = 0;
  uint32_t flow_label = 0;
  uint16_t payload_length = 0;  // bytes after this header
  uint8_t next_header = 0;
  uint8_t hop_limit = 64;
  IpAddress source;
  IpAddress destination;

  static std::optional<Ipv6Header> read(std::span<const std::byte> from);
  void write(std::byte* to) const;
};

// In place, with the IPv4 checksum updated as RFC 1624 says. `ip` is an IPv4 header.
void decrement_ttl_v4(std::byte* ip);
// Sets the ECN bits of an IPv4 or IPv6 packet to "congestion experienced" where the packet is
// ECN-capable; false when it is not, or is no IP packet. `frame` starts at the Ethernet header.
bool mark_congestion(std::span<std::byte> frame);

// The pseudo-header's sum for ICMPv6, UDP and TCP checksums (RFC 793, RFC 8200 section 8.1), not
// folded. `length` is that of transport header and data.
uint64_t pseudo_header_sum(IpAddress source, IpAddress destination, uint8_t protocol,
                           uint32_t length);

}  // namespace violin
