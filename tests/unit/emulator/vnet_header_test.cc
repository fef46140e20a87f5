#include "emulator/virtio/vnet_header.hh"

#include <gtest/gtest.h>

#include "core/byte_order.hh"
#include "core/ip_header.hh"
#include "core/segmentation.hh"
#include "tests/support/open_checksum.hh"
#include "tests/support/packet_builder.hh"

namespace violin {
namespace {

using testing::bytes_of;
using testing::checksums_are_right;
using testing::leave_checksum_open;
using testing::PacketBuilder;

Frame packet(BufferPools& pools, bool v6, uint8_t protocol, uint32_t payload) {
  PacketBuilder builder;
  builder.v6 = v6;
  builder.protocol = protocol;
  builder.payload_size = payload;
  return builder.build(pools);
}

TEST(VnetHeader, AChecksumLeftToTheHardwareIsCompleted) {
  BufferPools pools;
  for (const bool v6 : {false, true}) {
    for (const uint8_t protocol : {ip_protocol::kTcp, ip_protocol::kUdp}) {
      for (const uint32_t size : {0u, 1u, 37u, 1000u, 1001u}) {
        Frame frame = packet(pools, v6, protocol, size);
        const VnetHeader header = leave_checksum_open(frame);
        ASSERT_TRUE(finish_received(frame, header));
        EXPECT_TRUE(checksums_are_right(frame)) << v6 << " " << int{protocol} << " " << size;
        EXPECT_TRUE(frame.checksum_good());
      }
    }
  }
}

TEST(VnetHeader, AChecksumBeyondTheFrameIsRefused) {
  BufferPools pools;
  Frame frame = packet(pools, false, ip_protocol::kUdp, 10);
  VnetHeader header = leave_checksum_open(frame);
  header.csum_start = 2000;
  EXPECT_FALSE(finish_received(frame, header));
}

TEST(VnetHeader, ASuperFrameWithoutASizeOfSegmentsIsRefused) {
  BufferPools pools;
  Frame frame = packet(pools, false, ip_protocol::kTcp, 4000);
  VnetHeader header = leave_checksum_open(frame);
  header.gso_type = VnetHeader::kGsoTcpV4;
  EXPECT_FALSE(finish_received(frame, header));
  header.gso_size = 1448;
  EXPECT_TRUE(finish_received(frame, header));
  EXPECT_EQ(frame.gso_size(), 1448);
}

TEST(VnetHeader, ASuperFrameOfAnotherKindThanItsHeaderSaysIsRefused) {
  BufferPools pools;
  Frame frame = packet(pools, true, ip_protocol::kTcp, 4000);
  VnetHeader header = leave_checksum_open(frame);
  header.gso_size = 1448;
  for (const uint8_t type : {VnetHeader::kGsoTcpV4, VnetHeader::kGsoUdpL4, uint8_t{77}}) {
    header.gso_type = type;
    EXPECT_FALSE(finish_received(frame, header)) << int{type};
  }
  header.gso_type = VnetHeader::kGsoTcpV6 | VnetHeader::kGsoEcn;
  EXPECT_TRUE(finish_received(frame, header));
}

TEST(VnetHeader, OnlyWhatAKernelVouchesForCountsAsVerified) {
  BufferPools pools;
  Frame frame = packet(pools, false, ip_protocol::kUdp, 10);
  VnetHeader header;
  ASSERT_TRUE(finish_received(frame, header));
  EXPECT_FALSE(frame.checksum_good());
  header.flags = VnetHeader::kDataValid;
  ASSERT_TRUE(finish_received(frame, header));
  EXPECT_TRUE(frame.checksum_good());
}

TEST(VnetHeader, ASuperFrameGoesOutAsAKernelWantsIt) {
  BufferPools pools;
  for (const bool v6 : {false, true}) {
    Frame frame = packet(pools, v6, ip_protocol::kTcp, 5000);
    frame.set_gso_size(1400);
    const VnetHeader expected = leave_checksum_open(frame);
    frame.set_checksum_good(true);
    const std::vector<std::byte> bytes = bytes_of(frame);
    const VnetHeader header = vnet_header_of(frame);
    EXPECT_EQ(header.gso_type, v6 ? VnetHeader::kGsoTcpV6 : VnetHeader::kGsoTcpV4);
    EXPECT_EQ(header.gso_size, 1400);
    EXPECT_EQ(header.flags, VnetHeader::kNeedsChecksum);
    EXPECT_EQ(header.csum_start, expected.csum_start);
    EXPECT_EQ(header.csum_offset, expected.csum_offset);
    EXPECT_EQ(header.hdr_len, transport_layout(frame)->payload_at);
    EXPECT_EQ(bytes_of(frame), bytes) << "the pseudo-header's sum was in the field already";
  }
}

TEST(VnetHeader, AnOrdinaryFrameSaysWhetherItWasVerified) {
  BufferPools pools;
  Frame frame = packet(pools, false, ip_protocol::kTcp, 100);
  frame.set_checksum_good(true);
  EXPECT_EQ(vnet_header_of(frame).flags, VnetHeader::kDataValid);
  frame.set_checksum_good(false);
  EXPECT_EQ(vnet_header_of(frame).flags, 0);
}

}  // namespace
}  // namespace violin
