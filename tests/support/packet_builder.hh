#pragma once

#include <cstdint>
#include <vector>

#include "core/checksum.hh"
#include "core/ethernet.hh"
#include "core/frame.hh"
#include "core/ip_header.hh"
#include "core/tcp_header.hh"
#include "core/transport_header.hh"

namespace violin::testing {

// One TCP or UDP packet over Ethernet, every checksum right, its payload a stream.
struct PacketBuilder {
  bool v6 = false;
  bool vlan = false;
  uint8_t protocol = ip_protocol::kTcp;
  uint32_t source_host = 1;
  uint32_t destination_host = 2;
  uint8_t traffic_class = 0;
  uint16_t identification = 7;
  UdpHeader udp{.source_port = 1000, .destination_port = 2000, .length = 0, .checksum = 0};
  TcpHeader tcp;
  uint32_t payload_size = 100;
  uint64_t stream = 5;

  IpAddress address(uint32_t host) const {
    return v6 ? IpAddress::v6(0xfd00'0000'0000'0000, host) : IpAddress::v4(0x0a00'0000 + host);
  }

  Frame build(BufferPools& pools) const {
    Frame frame = Frame::allocate(pools);
    const bool is_tcp = protocol == ip_protocol::kTcp;
    TcpHeader tcp_header = tcp;
    tcp_header.source_port = udp.source_port;
    tcp_header.destination_port = udp.destination_port;
    const uint32_t transport_size = is_tcp ? tcp_header.size() : UdpHeader::kSize;
    frame.set_payload(Payload::of_stream(stream, 0, payload_size));
    write_ethernet(frame.append(EthernetHeader::kSize));
    if (vlan) {
      std::byte* tag = frame.append(4);
      store_be16(tag, 42);
      store_be16(tag + 2, v6 ? ether_type::kIpv6 : ether_type::kIpv4);
    }
    write_ip(frame, transport_size + payload_size);
    std::byte* transport = frame.append(transport_size);
    const uint64_t pseudo = pseudo_header_sum(address(source_host), address(destination_host),
                                              protocol, transport_size + payload_size) +
                            frame.payload().sums().word_sum();
    if (is_tcp) {
      tcp_header.checksum = 0;
      tcp_header.write(transport);
      store_be16(transport + TcpHeader::kChecksumOffset,
                 checksum_of(pseudo + word_sum({transport, transport_size})));
    } else {
      UdpHeader header = udp;
      header.length = static_cast<uint16_t>(transport_size + payload_size);
      header.checksum = 0;
      header.write(transport);
      store_be16(transport + UdpHeader::kChecksumOffset,
                 checksum_of(pseudo + word_sum({transport, transport_size})));
    }
    frame.set_checksum_good(true);
    return frame;
  }

 private:
  void write_ethernet(std::byte* at) const {
    const uint16_t type = v6 ? ether_type::kIpv6 : ether_type::kIpv4;
    EthernetHeader{MacAddress::from_bits(0x0200'0000'0000 + destination_host),
                   MacAddress::from_bits(0x0200'0000'0000 + source_host),
                   vlan ? ether_type::kVlan : type}
        .write(at);
  }
  void write_ip(Frame& frame, uint32_t length) const {
    if (v6) {
      Ipv6Header header;
      header.traffic_class = traffic_class;
      header.payload_length = static_cast<uint16_t>(length);
      header.next_header = protocol;
      header.source = address(source_host);
      header.destination = address(destination_host);
      header.write(frame.append(Ipv6Header::kSize));
      return;
    }
    Ipv4Header header;
    header.traffic_class = traffic_class;
    header.total_length = static_cast<uint16_t>(Ipv4Header::kSize + length);
    header.identification = identification;
    header.dont_fragment = true;
    header.protocol = protocol;
    header.source = address(source_host);
    header.destination = address(destination_host);
    header.write(frame.append(Ipv4Header::kSize));
  }
};

// All bytes of a frame.
inline std::vector<std::byte> bytes_of(const Frame& frame) {
  std::vector<std::byte> bytes(frame.size());
  frame.copy_to(bytes);
  return bytes;
}

// What a receiver does: verifies the IPv4 header's checksum and that of TCP or UDP.
inline bool checksums_are_right(const Frame& frame) {
  const std::vector<std::byte> bytes = bytes_of(frame);
  size_t at = EthernetHeader::kSize;
  uint16_t type = load_be16(bytes.data() + 12);
  if (type == ether_type::kVlan) {
    type = load_be16(bytes.data() + 16);
    at += 4;
  }
  const std::span<const std::byte> packet = std::span<const std::byte>(bytes).subspan(at);
  if (type == ether_type::kIpv4) {
    const auto ip = Ipv4Header::read(packet);
    if (!ip || ip->total_length != packet.size()) return false;
    if (!Ipv4Header::checksum_is_right(packet)) return false;
    const auto transport = packet.subspan(ip->header_length);
    return fold_checksum(pseudo_header_sum(ip->source, ip->destination, ip->protocol,
                                           static_cast<uint32_t>(transport.size())) +
                         word_sum(transport)) == 0xffff;
  }
  const auto ip = Ipv6Header::read(packet);
  if (!ip || ip->payload_length != packet.size() - Ipv6Header::kSize) return false;
  const auto transport = packet.subspan(Ipv6Header::kSize);
  return fold_checksum(pseudo_header_sum(ip->source, ip->destination, ip->next_header,
                                         static_cast<uint32_t>(transport.size())) +
                       word_sum(transport)) == 0xffff;
}

}  // namespace violin::testing
