#include "models/link/corruption.hh"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/packet_builder.hh"
#include "tests/support/statistics.hh"

namespace violin {
namespace {

using testing::bytes_of;
using testing::checksums_are_right;
using testing::chi_square_p;
using testing::kRejected;
using testing::PacketBuilder;

PacketBuilder packet(bool v6, uint8_t protocol) {
  PacketBuilder builder;
  builder.v6 = v6;
  builder.protocol = protocol;
  return builder;
}

PacketBuilder small_packet() {
  PacketBuilder builder;
  builder.payload_size = 46;
  return builder;
}

// The numbers of the bits in which two frames of one length differ.
std::vector<size_t> different_bits(const Frame& left, const Frame& right) {
  const std::vector<std::byte> a = bytes_of(left);
  const std::vector<std::byte> b = bytes_of(right);
  std::vector<size_t> bits;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t bit = 0; bit < 8; ++bit) {
      if (((a[i] ^ b[i]) >> bit & std::byte{1}) != std::byte{0}) bits.push_back(8 * i + bit);
    }
  }
  return bits;
}

TEST(Corruption, FlipsExactlyOneBitEachEquallyLikely) {
  BufferPools pools;
  Random random(1);
  const Frame original = small_packet().build(pools);  // 100 bytes
  const size_t bits = original.size() * 8;
  std::vector<double> observed(bits), expected(bits, 100);
  for (size_t i = 0; i < bits * 100; ++i) {
    Frame frame = original.clone();
    corrupt_one_bit(frame, random);
    const auto flipped = different_bits(original, frame);
    ASSERT_EQ(flipped.size(), 1u);
    observed[flipped[0]] += 1;
  }
  EXPECT_GT(chi_square_p(observed, expected), kRejected);
}

TEST(Corruption, IsCaughtByAChecksumWhereverOneCovers) {
  BufferPools pools;
  for (const bool v6 : {false, true}) {
    for (const uint8_t protocol : {ip_protocol::kTcp, ip_protocol::kUdp}) {
      Random random(protocol);
      const Frame original = packet(v6, protocol).build(pools);
      ASSERT_TRUE(checksums_are_right(original));
      for (int i = 0; i < 5'000; ++i) {
        Frame frame = original.clone();
        corrupt_one_bit(frame, random);
        EXPECT_FALSE(frame.checksum_good());
        const size_t at = different_bits(original, frame)[0] / 8;
        // No checksum covers Ethernet, nor IPv6's traffic class, flow label and hop limit.
        if (at < EthernetHeader::kSize) continue;
        if (v6 && (at < EthernetHeader::kSize + 4 || at == EthernetHeader::kSize + 7)) continue;
        ASSERT_FALSE(checksums_are_right(frame)) << "byte " << at;
      }
    }
  }
}

TEST(Corruption, LeavesFramesThatSharedThePayloadAlone) {
  BufferPools pools;
  Random random(2);
  std::vector<std::byte> bytes(1'000, std::byte{0x55});
  const Frame original = Frame::from_bytes(pools, bytes);
  for (int i = 0; i < 100; ++i) {
    Frame frame = original.clone();
    corrupt_one_bit(frame, random);
    EXPECT_EQ(bytes_of(original), bytes);
  }
}

TEST(Corruption, OfAnEmptyFrameIsNothing) {
  BufferPools pools;
  Random random(3);
  Frame frame = Frame::allocate(pools);
  corrupt_one_bit(frame, random);
  EXPECT_EQ(frame.size(), 0u);
}

}  // namespace
}  // namespace violin
