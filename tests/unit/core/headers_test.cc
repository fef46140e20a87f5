#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <vector>

#include "core/checksum.hh"
#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "core/random.hh"
#include "core/tcp_header.hh"
#include "core/transport_header.hh"

// Ethernet, ARP, IPv4, IPv6, ICMP, UDP and TCP headers, against bytes written by hand and by
// reading back what was written.

namespace violin {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

IpAddress address(const char* text) { return *IpAddress::parse(text); }

TEST(EthernetHeader, IsTwoAddressesAndAType) {
  const auto bytes = bytes_of({0x02, 1, 2, 3, 4, 5, 0x06, 7, 8, 9, 10, 11, 0x08, 0x00});
  const EthernetHeader header = EthernetHeader::read(bytes.data());
  EXPECT_EQ(header.destination, MacAddress::from_bits(0x0201'0203'0405));
  EXPECT_EQ(header.source, MacAddress::from_bits(0x0607'0809'0a0b));
  EXPECT_EQ(header.type, ether_type::kIpv4);
  std::vector<std::byte> written(EthernetHeader::kSize);
  header.write(written.data());
  EXPECT_EQ(written, bytes);
}

TEST(ArpPacket, IsTheRequestThatRfc826Draws) {
  ArpPacket packet;
  packet.operation = ArpPacket::kRequest;
  packet.sender_mac = MacAddress::from_bits(0x0200'0000'0001);
  packet.sender = address("10.0.0.1");
  packet.target = address("10.0.0.2");
  std::vector<std::byte> written(ArpPacket::kSize);
  packet.write(written.data());
  EXPECT_EQ(written, bytes_of({0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
                               10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2}));
  const auto read = ArpPacket::read(written);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sender, packet.sender);
  EXPECT_EQ(read->target, packet.target);
  EXPECT_EQ(read->sender_mac, packet.sender_mac);
}

TEST(ArpPacket, IsNothingForOtherProtocolsOrWhenCutOff) {
  std::vector<std::byte> bytes(ArpPacket::kSize);
  ArpPacket().write(bytes.data());
  ASSERT_TRUE(ArpPacket::read(bytes));
  EXPECT_FALSE(ArpPacket::read(std::span<const std::byte>(bytes).first(27)));
  for (const size_t at : {0u, 1u, 2u, 3u, 4u, 5u}) {
    auto other = bytes;
    other[at] ^= std::byte{1};
    EXPECT_FALSE(ArpPacket::read(other)) << at;
  }
}

TEST(Ipv4Header, HasTheChecksumOfAWellKnownExample) {
  const auto bytes = bytes_of({0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                               0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7});
  const auto header = Ipv4Header::read(bytes);
  ASSERT_TRUE(header);
  EXPECT_TRUE(Ipv4Header::checksum_is_right(bytes));
  EXPECT_EQ(header->total_length, 115);
  EXPECT_TRUE(header->dont_fragment);
  EXPECT_EQ(header->protocol, ip_protocol::kUdp);
  EXPECT_EQ(header->source, address("192.168.0.1"));
  EXPECT_EQ(header->destination, address("192.168.0.199"));
  std::vector<std::byte> written(Ipv4Header::kSize);
  header->write(written.data());
  EXPECT_EQ(written, bytes);
}

TEST(Ipv4Header, ReadsBackWhatItWrote) {
  Random random(1);
  for (int i = 0; i < 2'000; ++i) {
    Ipv4Header header;
    header.traffic_class = static_cast<uint8_t>(random.next());
    header.total_length = static_cast<uint16_t>(20 + random.below(65'516));
    header.identification = static_cast<uint16_t>(random.next());
    header.dont_fragment = random.below(2) == 1;
    header.more_fragments = random.below(2) == 1;
    header.fragment_offset = static_cast<uint16_t>(8 * random.below(8'192));
    header.ttl = static_cast<uint8_t>(random.next());
    header.protocol = static_cast<uint8_t>(random.next());
    header.source = IpAddress::v4(random.next32());
    header.destination = IpAddress::v4(random.next32());
    std::array<std::byte, Ipv4Header::kSize> bytes;
    header.write(bytes.data());
    EXPECT_TRUE(Ipv4Header::checksum_is_right(bytes));
    const auto read = Ipv4Header::read(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->traffic_class, header.traffic_class);
    EXPECT_EQ(read->total_length, header.total_length);
    EXPECT_EQ(read->identification, header.identification);
    EXPECT_EQ(read->dont_fragment, header.dont_fragment);
    EXPECT_EQ(read->more_fragments, header.more_fragments);
    EXPECT_EQ(read->fragment_offset, header.fragment_offset);
    EXPECT_EQ(read->is_fragment(), header.more_fragments || header.fragment_offset != 0);
    EXPECT_EQ(read->ttl, header.ttl);
    EXPECT_EQ(read->protocol, header.protocol);
    EXPECT_EQ(read->source, header.source);
    EXPECT_EQ(read->destination, header.destination);
  }
}

TEST(Ipv4Header, IsNothingWithAWrongVersionOrImpossibleLengths) {
  Ipv4Header header;
  header.total_length = 40;
  std::vector<std::byte> bytes(40);
  header.write(bytes.data());
  ASSERT_TRUE(Ipv4Header::read(bytes));
  const auto with = [&](size_t at, int value) {
    auto changed = bytes;
    changed[at] = static_cast<std::byte>(value);
    return Ipv4Header::read(changed).has_value();
  };
  EXPECT_FALSE(with(0, 0x65));  // version 6
  EXPECT_FALSE(with(0, 0x44));  // header of 16 bytes
  EXPECT_TRUE(with(0, 0x4a));   // header of 40 bytes
  EXPECT_FALSE(with(0, 0x4b));  // header of 44 bytes, beyond the end
  EXPECT_FALSE(with(3, 19));    // total length below the header's
  EXPECT_FALSE(Ipv4Header::read(std::span<const std::byte>(bytes).first(19)));
}

TEST(Ipv4Header, KeepsItsChecksumRightWhenTheTtlFallsAndCongestionIsMarked) {
  Random random(2);
  for (int i = 0; i < 5'000; ++i) {
    Ipv4Header header;
    header.total_length = 20;
    header.protocol = static_cast<uint8_t>(random.next());
    header.ttl = static_cast<uint8_t>(1 + random.below(255));
    header.traffic_class = static_cast<uint8_t>(random.next());
    header.identification = static_cast<uint16_t>(random.next());
    header.source = IpAddress::v4(random.next32());
    std::vector<std::byte> frame(34);
    EthernetHeader{{}, {}, ether_type::kIpv4}.write(frame.data());
    header.write(frame.data() + 14);
    decrement_ttl_v4(frame.data() + 14);
    const auto ip = std::span<const std::byte>(frame).subspan(14);
    EXPECT_TRUE(Ipv4Header::checksum_is_right(ip));
    EXPECT_EQ(Ipv4Header::read(ip)->ttl, header.ttl - 1);
    EXPECT_EQ(Ipv4Header::read(ip)->protocol, header.protocol);
    EXPECT_EQ(mark_congestion(frame), (header.traffic_class & 3) != 0);
    EXPECT_TRUE(Ipv4Header::checksum_is_right(ip));
    const int expected =
        (header.traffic_class & 3) != 0 ? header.traffic_class | 3 : header.traffic_class;
    EXPECT_EQ(Ipv4Header::read(ip)->traffic_class, expected);
  }
}

TEST(Ipv6Header, ReadsBackWhatItWroteAndMarksOnlyTheEcnBits) {
  Random random(3);
  for (int i = 0; i < 2'000; ++i) {
    Ipv6Header header;
    header.traffic_class = static_cast<uint8_t>(random.next());
    header.flow_label = random.next32() & 0xf'ffff;
    header.payload_length = static_cast<uint16_t>(random.next());
    header.next_header = static_cast<uint8_t>(random.next());
    header.hop_limit = static_cast<uint8_t>(random.next());
    header.source = IpAddress::v6(random.next(), random.next());
    header.destination = IpAddress::v6(random.next(), random.next());
    std::vector<std::byte> frame(54);
    EthernetHeader{{}, {}, ether_type::kIpv6}.write(frame.data());
    header.write(frame.data() + 14);
    const bool capable = (header.traffic_class & 3) != 0;
    EXPECT_EQ(mark_congestion(frame), capable);
    const auto read = Ipv6Header::read(std::span<const std::byte>(frame).subspan(14));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->traffic_class, capable ? header.traffic_class | 3 : header.traffic_class);
    EXPECT_EQ(read->flow_label, header.flow_label);
    EXPECT_EQ(read->payload_length, header.payload_length);
    EXPECT_EQ(read->next_header, header.next_header);
    EXPECT_EQ(read->hop_limit, header.hop_limit);
    EXPECT_EQ(read->source, header.source);
    EXPECT_EQ(read->destination, header.destination);
  }
  EXPECT_FALSE(Ipv6Header::read(std::vector<std::byte>(40)));
  EXPECT_FALSE(Ipv6Header::read(std::vector<std::byte>(39, std::byte{0x60})));
}

TEST(MarkCongestion, IsNothingForWhatIsNoIpPacket) {
  std::vector<std::byte> frame(60, std::byte{0x45});
  store_be16(frame.data() + 12, ether_type::kArp);
  const auto before = frame;
  EXPECT_FALSE(mark_congestion(frame));
  EXPECT_EQ(frame, before);
  EXPECT_FALSE(mark_congestion(std::span<std::byte>(frame).first(20)));
}

TEST(PseudoHeader, SumsItsWordsForBothFamilies) {
  std::vector<std::byte> v4(12);
  store_be32(v4.data(), 0xc0a8'0001);
  store_be32(v4.data() + 4, 0x0a01'0203);
  store_be16(v4.data() + 8, 6);
  store_be16(v4.data() + 10, 1'234);
  EXPECT_EQ(fold_checksum(pseudo_header_sum(address("192.168.0.1"), address("10.1.2.3"), 6, 1'234)),
            fold_checksum(word_sum(v4)));
  Random random(4);
  const IpAddress from = IpAddress::v6(random.next(), random.next());
  const IpAddress to = IpAddress::v6(random.next(), random.next());
  std::vector<std::byte> v6(40);
  store_be64(v6.data(), from.high());
  store_be64(v6.data() + 8, from.low());
  store_be64(v6.data() + 16, to.high());
  store_be64(v6.data() + 24, to.low());
  store_be32(v6.data() + 32, 100'000);
  store_be32(v6.data() + 36, 17);
  EXPECT_EQ(fold_checksum(pseudo_header_sum(from, to, 17, 100'000)), fold_checksum(word_sum(v6)));
}

TEST(UdpHeader, IsFourWordsInNetworkOrder) {
  const UdpHeader header{.source_port = 0x1234, .destination_port = 53, .length = 9, .checksum = 7};
  std::vector<std::byte> bytes(UdpHeader::kSize);
  header.write(bytes.data());
  EXPECT_EQ(bytes, bytes_of({0x12, 0x34, 0, 53, 0, 9, 0, 7}));
  const auto read = UdpHeader::read(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->source_port, 0x1234);
  EXPECT_EQ(read->length, 9);
  EXPECT_FALSE(UdpHeader::read(std::span<const std::byte>(bytes).first(7)));
}

TEST(IcmpHeader, IsTypeCodeChecksumAndTwoWords) {
  IcmpHeader header;
  header.type = IcmpHeader::kEchoRequest;
  header.checksum = 0x0102;
  header.identifier = 0x0304;
  header.sequence = 0x0506;
  std::vector<std::byte> bytes(IcmpHeader::kSize);
  header.write(bytes.data());
  EXPECT_EQ(bytes, bytes_of({8, 0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(IcmpHeader::read(bytes)->sequence, 0x0506);
  EXPECT_FALSE(IcmpHeader::read(std::span<const std::byte>(bytes).first(7)));
}

TEST(TcpHeader, OfASynHasTheOptionsThatLinuxSends) {
  TcpHeader header;
  header.source_port = 0x1234;
  header.destination_port = 80;
  header.sequence = 1;
  header.flags = TcpHeader::kSyn;
  header.window = 64'240;
  header.maximum_segment_size = 1'460;
  header.sack_permitted = true;
  header.timestamps = TcpHeader::Timestamps{0x0a0b'0c0d, 0};
  header.window_scale = 7;
  ASSERT_EQ(header.size(), 40u);
  std::vector<std::byte> bytes(40);
  header.write(bytes.data());
  EXPECT_EQ(bytes, bytes_of({0x12, 0x34, 0,    80,   0, 0, 0, 1, 0, 0,    0, 0, 0xa0, 0x02,
                             0xfa, 0xf0, 0,    0,    0, 0, 2, 4, 5, 0xb4, 4, 2, 8,    10,
                             0x0a, 0x0b, 0x0c, 0x0d, 0, 0, 0, 0, 1, 3,    3, 7}));
}

TEST(TcpHeader, ReadsBackWhatItWrote) {
  Random random(5);
  for (int i = 0; i < 5'000; ++i) {
    TcpHeader header;
    header.source_port = static_cast<uint16_t>(random.next());
    header.destination_port = static_cast<uint16_t>(random.next());
    header.sequence = random.next32();
    header.acknowledgment = random.next32();
    header.flags = static_cast<uint8_t>(random.next());
    header.window = static_cast<uint16_t>(random.next());
    header.checksum = static_cast<uint16_t>(random.next());
    const bool is_syn = random.below(3) == 0;
    if (is_syn && random.below(2) == 0) header.maximum_segment_size = 1'400;
    if (is_syn && random.below(2) == 0)
      header.window_scale = static_cast<uint8_t>(random.below(15));
    if (is_syn) header.sack_permitted = random.below(2) == 0;
    if (random.below(2) == 0) {
      header.timestamps = TcpHeader::Timestamps{random.next32(), random.next32()};
    }
    if (!is_syn) header.sack_count = static_cast<uint8_t>(random.below(header.timestamps ? 4 : 5));
    for (size_t k = 0; k < header.sack_count; ++k) {
      header.sack_blocks[k] = {random.next32(), random.next32()};
    }
    ASSERT_LE(header.size(), TcpHeader::kMaximumSize);
    std::vector<std::byte> bytes(header.size());
    header.write(bytes.data());
    const auto read = TcpHeader::read(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->header_length, header.size());
    EXPECT_EQ(read->source_port, header.source_port);
    EXPECT_EQ(read->destination_port, header.destination_port);
    EXPECT_EQ(read->sequence, header.sequence);
    EXPECT_EQ(read->acknowledgment, header.acknowledgment);
    EXPECT_EQ(read->flags, header.flags);
    EXPECT_EQ(read->window, header.window);
    EXPECT_EQ(read->checksum, header.checksum);
    EXPECT_EQ(read->maximum_segment_size, header.maximum_segment_size);
    EXPECT_EQ(read->window_scale, header.window_scale);
    EXPECT_EQ(read->sack_permitted, header.sack_permitted);
    ASSERT_EQ(read->timestamps.has_value(), header.timestamps.has_value());
    if (read->timestamps) {
      EXPECT_EQ(read->timestamps->value, header.timestamps->value);
      EXPECT_EQ(read->timestamps->echo, header.timestamps->echo);
    }
    ASSERT_EQ(read->sack_count, header.sack_count);
    for (size_t k = 0; k < read->sack_count; ++k) {
      EXPECT_EQ(read->sack_blocks[k], header.sack_blocks[k]);
    }
  }
}

// A header whose options are these bytes, padded with NOP.
std::optional<TcpHeader> with_options(std::vector<std::byte> options) {
  while (options.size() % 4 != 0) options.push_back(std::byte{1});
  TcpHeader header;
  std::vector<std::byte> bytes(TcpHeader::kSize + options.size());
  header.write(bytes.data());
  bytes[12] = static_cast<std::byte>(bytes.size() / 4 << 4);
  std::copy(options.begin(), options.end(), bytes.begin() + TcpHeader::kSize);
  return TcpHeader::read(bytes);
}

TEST(TcpHeader, SkipsOptionsItDoesNotKnow) {
  const auto header = with_options(bytes_of({254, 4, 9, 9, 2, 4, 5, 0xb4}));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->maximum_segment_size, 1'460);
}

TEST(TcpHeader, StopsAtTheEndOfOptions) {
  const auto header = with_options(bytes_of({0, 2, 4, 5, 0xb4, 7, 7, 7}));
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->maximum_segment_size);
}

TEST(TcpHeader, IsNothingWithAnOptionThatDoesNotFit) {
  EXPECT_FALSE(with_options(bytes_of({2, 3, 0, 1})));                 // a short MSS
  EXPECT_FALSE(with_options(bytes_of({1, 1, 1, 8})));                 // a kind without length
  EXPECT_FALSE(with_options(bytes_of({8, 10, 0, 0})));                // beyond the header
  EXPECT_FALSE(with_options(bytes_of({77, 0, 0, 0})));                // of length 0
  EXPECT_FALSE(with_options(bytes_of({77, 1, 0, 0})));                // of length 1
  EXPECT_FALSE(with_options(bytes_of({5, 9, 0, 0, 0, 0, 0, 0, 0})));  // half a SACK block
}

TEST(TcpHeader, IsNothingWhenCutOffOrWithAnImpossibleLength) {
  TcpHeader header;
  std::vector<std::byte> bytes(TcpHeader::kSize);
  header.write(bytes.data());
  EXPECT_TRUE(TcpHeader::read(bytes));
  EXPECT_FALSE(TcpHeader::read(std::span<const std::byte>(bytes).first(19)));
  bytes[12] = std::byte{0x40};
  EXPECT_FALSE(TcpHeader::read(bytes));
  bytes[12] = std::byte{0x60};
  EXPECT_FALSE(TcpHeader::read(bytes));
}

TEST(Headers, TakeAnyBytes) {
  Random random(6);
  for (int i = 0; i < 50'000; ++i) {
    std::vector<std::byte> bytes(random.below(70));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    if (bytes.size() > 12 && random.below(2) == 0) bytes[12] = std::byte{0xf0};
    if (!bytes.empty() && random.below(2) == 0) bytes[0] = std::byte{0x4f};
    Ipv4Header::read(bytes);
    Ipv6Header::read(bytes);
    UdpHeader::read(bytes);
    IcmpHeader::read(bytes);
    ArpPacket::read(bytes);
    const auto tcp = TcpHeader::read(bytes);
    EXPECT_TRUE(!tcp || tcp->header_length <= bytes.size());
  }
}

}  // namespace
}  // namespace violin
