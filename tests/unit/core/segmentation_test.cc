#include "core/segmentation.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/random.hh"
#include "tests/support/packet_builder.hh"

namespace violin {
namespace {

using testing::bytes_of;
using testing::checksums_are_right;
using testing::PacketBuilder;

struct Kind {
  bool v6;
  bool vlan;
  uint8_t protocol;

  uint32_t network_at() const { return vlan ? 18 : 14; }
  uint32_t transport_at() const {
    return network_at() + (v6 ? Ipv6Header::kSize : Ipv4Header::kSize);
  }
};

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  for (const bool v6 : {false, true}) {
    for (const bool vlan : {false, true}) {
      for (const uint8_t protocol : {ip_protocol::kTcp, ip_protocol::kUdp}) {
        all.push_back({v6, vlan, protocol});
      }
    }
  }
  return all;
}

PacketBuilder builder_of(const Kind& kind) {
  PacketBuilder builder;
  builder.v6 = kind.v6;
  builder.vlan = kind.vlan;
  builder.protocol = kind.protocol;
  builder.tcp.sequence = 0xffff'f000;  // wraps within the super-frame
  builder.tcp.flags =
      TcpHeader::kAck | TcpHeader::kPsh | TcpHeader::kFin | TcpHeader::kCwr | TcpHeader::kEce;
  builder.tcp.timestamps = TcpHeader::Timestamps{1, 2};
  builder.identification = 0xfffe;
  return builder;
}

std::vector<Frame> segments_of(Frame frame) {
  std::vector<Frame> parts;
  segment(std::move(frame), [&](Frame part) { parts.push_back(std::move(part)); });
  return parts;
}

Frame super_frame(BufferPools& pools, const Kind& kind, uint32_t size, uint16_t gso_size) {
  PacketBuilder builder = builder_of(kind);
  builder.payload_size = size;
  Frame frame = builder.build(pools);
  frame.set_gso_size(gso_size);
  return frame;
}

TEST(Segmentation, TheShapeOfASuperFrameIsThatOfItsSegments) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    for (const uint32_t size : {1u, 1400u, 1401u, 30'000u}) {
      const Frame frame = super_frame(pools, kind, size, 1400);
      const SegmentShape shape = segment_shape(frame);
      const std::vector<Frame> parts = segments_of(frame.clone());
      uint64_t total = 0;
      for (const Frame& part : parts) total += part.size();
      EXPECT_EQ(shape.count, parts.size());
      EXPECT_EQ(shape.size, parts.front().size());
      EXPECT_EQ(shape.total_bytes, total);
    }
  }
}

TEST(Segmentation, PassesAnOrdinaryFrameThroughUntouched) {
  BufferPools pools;
  const Frame original = PacketBuilder().build(pools);
  Frame frame = original.clone();
  frame.set_checksum_good(false);
  EXPECT_EQ(segment_count(frame), 1u);
  const std::vector<Frame> parts = segments_of(std::move(frame));
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(bytes_of(parts[0]), bytes_of(original));
  EXPECT_FALSE(parts[0].checksum_good());
}

TEST(Segmentation, CutsAnyPayloadIntoPiecesOfTheSegmentSizeInOrder) {
  BufferPools pools;
  Random random(1);
  for (const Kind& kind : kinds()) {
    for (int i = 0; i < 60; ++i) {
      const auto size = static_cast<uint32_t>(1 + random.below(60'000));
      const auto gso_size = static_cast<uint16_t>(500 + random.below(1'000));
      Frame frame = super_frame(pools, kind, size, gso_size);
      const uint32_t header_size = frame.header_size();
      const std::vector<std::byte> bytes = bytes_of(frame);
      const uint32_t expected = (size + gso_size - 1) / gso_size;
      EXPECT_EQ(segment_count(frame), expected);
      const std::vector<Frame> parts = segments_of(std::move(frame));
      ASSERT_EQ(parts.size(), expected);
      std::vector<std::byte> payload;
      for (size_t k = 0; k < parts.size(); ++k) {
        const std::vector<std::byte> part = bytes_of(parts[k]);
        EXPECT_TRUE(k + 1 == parts.size() || part.size() == header_size + gso_size);
        payload.insert(payload.end(), part.begin() + header_size, part.end());
        EXPECT_EQ(parts[k].gso_size(), 0);
        EXPECT_TRUE(parts[k].checksum_good());
        ASSERT_TRUE(checksums_are_right(parts[k])) << k;
      }
      EXPECT_TRUE(
          std::equal(payload.begin(), payload.end(), bytes.begin() + header_size, bytes.end()));
    }
  }
  EXPECT_EQ(pools.frames_in_use(), 0u);
  EXPECT_EQ(pools.slots_in_use(), 0u);
}

TEST(Segmentation, WritesTheHeadersAsLinuxDoes) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    const std::vector<Frame> parts = segments_of(super_frame(pools, kind, 3 * 1'000 + 1, 1'000));
    ASSERT_EQ(parts.size(), 4u);
    for (size_t k = 0; k < parts.size(); ++k) {
      const std::vector<std::byte> bytes = bytes_of(parts[k]);
      const auto ip = std::span<const std::byte>(bytes).subspan(kind.network_at());
      if (!kind.v6) {
        const auto header = Ipv4Header::read(ip);
        ASSERT_TRUE(header);
        EXPECT_EQ(header->identification, static_cast<uint16_t>(0xfffe + k));
        EXPECT_EQ(header->total_length, ip.size());
        EXPECT_TRUE(header->dont_fragment);
      } else {
        EXPECT_EQ(Ipv6Header::read(ip)->payload_length, ip.size() - Ipv6Header::kSize);
      }
      const auto transport = std::span<const std::byte>(bytes).subspan(kind.transport_at());
      if (kind.protocol == ip_protocol::kUdp) {
        EXPECT_EQ(UdpHeader::read(transport)->length, transport.size());
        continue;
      }
      const auto tcp = TcpHeader::read(transport);
      ASSERT_TRUE(tcp);
      EXPECT_EQ(tcp->sequence, static_cast<uint32_t>(0xffff'f000 + 1'000 * k));
      EXPECT_EQ(tcp->has(TcpHeader::kFin), k == 3);
      EXPECT_EQ(tcp->has(TcpHeader::kPsh), k == 3);
      EXPECT_EQ(tcp->has(TcpHeader::kCwr), k == 0);
      EXPECT_TRUE(tcp->has(TcpHeader::kEce));
      EXPECT_TRUE(tcp->has(TcpHeader::kAck));
      EXPECT_EQ(tcp->timestamps->value, 1u);
    }
  }
}

TEST(Segmentation, SharesThePayload) {
  BufferPools pools;
  const Kind kind{false, false, ip_protocol::kTcp};
  Frame frame = super_frame(pools, kind, 50'000, 1'000);
  frame.set_payload(Payload::of_bytes(pools, std::vector<std::byte>(50'000)));
  EXPECT_EQ(pools.slots_in_use(), 1u);
  const std::vector<Frame> parts = segments_of(std::move(frame));
  EXPECT_EQ(parts.size(), 50u);
  EXPECT_EQ(pools.slots_in_use(), 1u);
  EXPECT_TRUE(segments_of(super_frame(pools, kind, 5'000, 1'000))[2].payload().is_stream());
}

TEST(Segmentation, IsThatOfTheBytesHoweverTheyAreHeld) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    Frame frame = super_frame(pools, kind, 10'000, 1'448);
    Frame read = Frame::from_bytes(pools, bytes_of(frame));  // headers and payload mixed
    read.set_gso_size(1'448);
    const std::vector<Frame> parts = segments_of(std::move(frame));
    const std::vector<Frame> same = segments_of(std::move(read));
    ASSERT_EQ(parts.size(), same.size());
    for (size_t k = 0; k < parts.size(); ++k) EXPECT_EQ(bytes_of(parts[k]), bytes_of(same[k]));
  }
}

TEST(Segmentation, LeavesAUdpChecksumOfNoneOverIpv4Alone) {
  BufferPools pools;
  const Kind kind{false, false, ip_protocol::kUdp};
  Frame frame = super_frame(pools, kind, 3'000, 1'000);
  store_be16(frame.headers().data() + kind.transport_at() + UdpHeader::kChecksumOffset, 0);
  for (const Frame& part : segments_of(std::move(frame))) {
    EXPECT_EQ(load_be16(part.headers().data() + kind.transport_at() + UdpHeader::kChecksumOffset),
              0);
  }
}

TEST(Segmentation, NeverSendsAUdpChecksumThatSaysNone) {
  // One of these segments sums up to a checksum of zero, which is sent as ffff (RFC 768).
  BufferPools pools;
  const Kind kind{false, false, ip_protocol::kUdp};
  int inverted = 0;
  for (uint32_t stream = 0; stream < 6'000; ++stream) {
    PacketBuilder builder = builder_of(kind);
    builder.payload_size = 60;
    builder.stream = stream;
    builder.udp.destination_port = static_cast<uint16_t>(stream * 37);
    Frame frame = builder.build(pools);
    frame.set_gso_size(2);
    for (const Frame& part : segments_of(std::move(frame))) {
      const uint16_t checksum =
          load_be16(part.headers().data() + kind.transport_at() + UdpHeader::kChecksumOffset);
      ASSERT_NE(checksum, 0);
      if (checksum == 0xffff) ++inverted;
      ASSERT_TRUE(checksums_are_right(part));
    }
  }
  EXPECT_GT(inverted, 0);
}

TEST(Segmentation, PassesASuperFrameOfAnUnknownKindThroughWhole) {
  BufferPools pools;
  Random random(2);
  for (int i = 0; i < 5'000; ++i) {
    std::vector<std::byte> bytes(random.below(200));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    Frame frame = Frame::from_bytes(pools, bytes);
    frame.set_gso_size(10);
    const std::vector<Frame> parts = segments_of(std::move(frame));
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(bytes_of(parts[0]), bytes);
  }
  Frame icmp = PacketBuilder().build(pools);
  icmp.headers()[EthernetHeader::kSize + 9] = std::byte{ip_protocol::kIcmp};
  icmp.set_gso_size(10);
  EXPECT_EQ(segment_count(icmp), 1u);
  EXPECT_EQ(segments_of(std::move(icmp)).size(), 1u);
}

TEST(Segmentation, TellsASuperFrameThatNobodyHasReasonToMake) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    const auto is_sound = [&](uint32_t size, uint16_t gso_size) {
      return is_sound_super_frame(super_frame(pools, kind, size, gso_size));
    };
    EXPECT_TRUE(is_sound(1401, 1400));
    EXPECT_TRUE(is_sound(60'000, kSegmentPayloadMin));
    EXPECT_FALSE(is_sound(60'000, kSegmentPayloadMin - 1));
    EXPECT_FALSE(is_sound(1400, 1400)) << "it is one segment";
    EXPECT_FALSE(is_sound(0, 1400));
    EXPECT_FALSE(is_sound(1400, 0)) << "it is an ordinary frame";
    Frame cut = super_frame(pools, kind, 60'000, 1400);
    cut.truncate(kind.transport_at() + 7);
    EXPECT_FALSE(is_sound_super_frame(cut));
  }
  Frame empty = Frame::allocate(pools);
  empty.set_gso_size(1400);
  EXPECT_FALSE(is_sound_super_frame(empty));
}

TEST(Segmentation, HandlesAFrameCutAnywhereInItsHeaders) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    const Frame whole = super_frame(pools, kind, 100, 10);
    for (uint32_t size = 0; size <= whole.header_size(); ++size) {
      Frame frame = whole.clone();
      frame.truncate(size);
      const uint32_t count = segment_count(frame);
      EXPECT_EQ(segments_of(std::move(frame)).size(), count) << size;
      EXPECT_EQ(count, 1u);
    }
  }
}

}  // namespace
}  // namespace violin
