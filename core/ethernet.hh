#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/addresses.hh"
#include "core/byte_order.hh"

// Ethernet II framing (IEEE 802.3), without preamble and frame check sequence, and ARP (RFC 826).

namespace violin {

namespace ether_type {
constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kArp = 0x0806;
constexpr uint16_t kVlan = 0x8100;  // IEEE 802.1Q
constexpr uint16_t kIpv6 = 0x86dd;
}  // namespace ether_type

struct EthernetHeader {
  static constexpr uint32_t kSize = 14;
  // The shortest frame on a wire without FCS; shorter ones are padded with zeros and their IP
  // length tells the padding apart.
  static constexpr uint32_t kMinimumFrame = 60;

  MacAddress destination;
  MacAddress source;
  uint16_t type = 0;

  // The first kSize bytes.
  static EthernetHeader read(const std::byte* from) {
    return {MacAddress::from_bits(load_be48(from)), MacAddress::from_bits(load_be48(from + 6)),
            load_be16(from + 12)};
  }
  void write(std::byte* to) const {
    store_be48(to, destination.bits());
    store_be48(to + 6, source.bits());
    store_be16(to + 12, type);
  }
};

// ARP for IPv4 over Ethernet.
struct ArpPacket {
  static constexpr uint32_t kSize = 28;
  static constexpr uint16_t kRequest = 1;
  static constexpr uint16_t kReply = 2;

  uint16_t operation = kRequest;
  MacAddress sender_mac;
  IpAddress sender;
  MacAddress target_mac;
  IpAddress target;

  // Nothing unless it is ARP for IPv4 over Ethernet and whole.
  static std::optional<ArpPacket> read(std::span<const std::byte> from);
  void write(std::byte* to) const;
};

}  // namespace violin
