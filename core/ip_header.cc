#include "core/ip_header.hh"

#include "core/byte_order.hh"
#include "core/checksum.hh"
#include "core/ethernet.hh"

namespace violin {
namespace {

constexpr uint16_t kDontFragment = 0x4000;
constexpr uint16_t kMoreFragments = 0x2000;
constexpr uint16_t kFragmentOffsetMask = 0x1fff;  // units of 8 bytes

uint64_t address_sum(IpAddress address) {
  if (address.is_v4()) return address.v4_bits();
  return (address.high() >> 32) + (address.high() & 0xffff'ffff) + (address.low() >> 32) +
         (address.low() & 0xffff'ffff);
}

IpAddress read_v6_address(const std::byte* from) {
  return IpAddress::v6(load_be64(from), load_be64(from + 8));
}

void write_v6_address(std::byte* to, IpAddress address) {
  store_be64(to, address.high());
  store_be64(to + 8, address.low());
}

}  // namespace

std::optional<Ipv4Header> Ipv4Header::read(std::span<const std::byte> from) {
  if (from.size() < kSize) return std::nullopt;
  const std::byte* at = from.data();
  const auto first = static_cast<uint8_t>(at[0]);
  Ipv4Header header;
  header.header_length = static_cast<uint8_t>((first & 0xf) * 4);
  header.traffic_class = static_cast<uint8_t>(at[1]);
  header.total_length = load_be16(at + 2);
  if (first >> 4 != 4 || header.header_length < kSize || from.size() < header.header_length ||
      header.total_length < header.header_length) {
    return std::nullopt;
  }
  header.identification = load_be16(at + 4);
  const uint16_t fragment = load_be16(at + 6);
  header.dont_fragment = (fragment & kDontFragment) != 0;
  header.more_fragments = (fragment & kMoreFragments) != 0;
  header.fragment_offset = static_cast<uint16_t>((fragment & kFragmentOffsetMask) * 8);
  header.ttl = static_cast<uint8_t>(at[8]);
  header.protocol = static_cast<uint8_t>(at[9]);
  header.source = IpAddress::v4(load_be32(at + 12));
  header.destination = IpAddress::v4(load_be32(at + 16));
  return header;
}

bool Ipv4Header::checksum_is_right(std::span<const std::byte> from) {
  const size_t length = (static_cast<size_t>(from[0]) & 0xf) * 4;
  return fold_checksum(word_sum(from.first(length))) == 0xffff;
}

void Ipv4Header::write(std::byte* to) const {
  store_be16(to, static_cast<uint16_t>(0x4500 | traffic_class));
  store_be16(to + 2, total_length);
  store_be16(to + 4, identification);
  store_be16(to + 6,
             static_cast<uint16_t>((dont_fragment ? kDontFragment : 0) |
                                   (more_fragments ? kMoreFragments : 0) | fragment_offset / 8));
  to[8] = std::byte{ttl};
  to[9] = std::byte{protocol};
  store_be16(to + 10, 0);
  store_be32(to + 12, source.v4_bits());
  store_be32(to + 16, destination.v4_bits());
  store_be16(to + 10, checksum_of(word_sum({to, kSize})));
}

std::optional<Ipv6Header> Ipv6Header::read(std::span<const std::byte> from) {
  if (from.size() < kSize) return std::nullopt;
  const std::byte* at = from.data();
  const uint32_t first = load_be32(at);
  if (first >> 28 != 6) return std::nullopt;
  Ipv6Header header;
  header.traffic_class = static_cast<uint8_t>(first >> 20);
  header.flow_label = first & 0xf'ffff;
  header.payload_length = load_be16(at + 4);
  header.next_header = static_cast<uint8_t>(at[6]);
  header.hop_limit = static_cast<uint8_t>(at[7]);
  header.source = read_v6_address(at + 8);
  header.destination = read_v6_address(at + 24);
  return header;
}

void Ipv6Header::write(std::byte* to) const {
  store_be32(to, 0x6000'0000 | uint32_t{traffic_class} << 20 | flow_label);
  store_be16(to + 4, payload_length);
  to[6] = std::byte{next_header};
  to[7] = std::byte{hop_limit};
  write_v6_address(to + 8, source);
  write_v6_address(to + 24, destination);
}

void decrement_ttl_v4(std::byte* ip) {
  const uint16_t before = load_be16(ip + 8);  // TTL and protocol share a checksum word
  const auto after = static_cast<uint16_t>(before - 0x0100);
  store_be16(ip + 8, after);
  store_be16(ip + 10, updated_checksum(load_be16(ip + 10), before, after));
}

bool mark_congestion(std::span<std::byte> frame) {
  constexpr auto kMarked = static_cast<uint16_t>(Ecn::kCongestion);
  if (frame.size() < EthernetHeader::kSize + Ipv4Header::kSize) return false;
  std::byte* ip = frame.data() + EthernetHeader::kSize;
  const uint16_t before = load_be16(ip);
  const uint16_t type = load_be16(frame.data() + 12);
  if (type == ether_type::kIpv4) {
    if ((before & kMarked) == 0) return false;
    const auto after = static_cast<uint16_t>(before | kMarked);
    store_be16(ip, after);
    store_be16(ip + 10, updated_checksum(load_be16(ip + 10), before, after));
    return true;
  }
  if (type != ether_type::kIpv6 || (before >> 4 & kMarked) == 0) return false;
  store_be16(ip, static_cast<uint16_t>(before | kMarked << 4));
  return true;
}

uint64_t pseudo_header_sum(IpAddress source, IpAddress destination, uint8_t protocol,
                           uint32_t length) {
  return address_sum(source) + address_sum(destination) + protocol + length;
}

}  // namespace violin
