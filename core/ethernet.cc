#include "core/ethernet.hh"

namespace violin {
namespace {

constexpr uint16_t kHardwareEthernet = 1;

}  // namespace

std::optional<ArpPacket> ArpPacket::read(std::span<const std::byte> from) {
  if (from.size() < kSize) return std::nullopt;
  const std::byte* at = from.data();
  if (load_be16(at) != kHardwareEthernet || load_be16(at + 2) != ether_type::kIpv4 ||
      load_be16(at + 4) != 0x0604) {  // 6-byte hardware and 4-byte protocol addresses
    return std::nullopt;
  }
  return ArpPacket{load_be16(at + 6), MacAddress::from_bits(load_be48(at + 8)),
                   IpAddress::v4(load_be32(at + 14)), MacAddress::from_bits(load_be48(at + 18)),
                   IpAddress::v4(load_be32(at + 24))};
}

void ArpPacket::write(std::byte* to) const {
  store_be16(to, kHardwareEthernet);
  store_be16(to + 2, ether_type::kIpv4);
  store_be16(to + 4, 0x0604);
  store_be16(to + 6, operation);
  store_be48(to + 8, sender_mac.bits());
  store_be32(to + 14, sender.v4_bits());
  store_be48(to + 18, target_mac.bits());
  store_be32(to + 24, target.v4_bits());
}

}  // namespace violin
