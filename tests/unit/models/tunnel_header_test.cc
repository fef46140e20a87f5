#include "models/tunnel/tunnel_header.hh"

#include <gtest/gtest.h>

#include <array>

namespace violin {
namespace {

using Bytes = std::array<std::byte, TunnelHeader::kSize + TunnelHeader::kTagSize>;

TunnelHeader example() {
  TunnelHeader header;
  header.chunk = 1;
  header.chunks = 3;
  header.offset = 0x0203;
  header.total = 0x0506;
  header.session = 0x0102030405060708;
  header.counter = 0x1112131415161718;
  header.sent = Time::from_ns(-2);
  return header;
}

// The layout is a contract between versions: these bytes may never change within one.
TEST(TunnelHeader, HasTheLayoutOfVersionOne) {
  Bytes bytes{};
  example().write(bytes.data());
  constexpr std::array<int, TunnelHeader::kSize> kExpected = {
      0x01, 0x00, 0x01, 0x03, 0x02, 0x03, 0x05, 0x06, 0x01, 0x02, 0x03,
      0x04, 0x05, 0x06, 0x07, 0x08, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
      0x17, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};
  for (size_t i = 0; i < kExpected.size(); ++i) {
    EXPECT_EQ(static_cast<int>(bytes[i]), kExpected[i]) << "byte " << i;
  }
}

TEST(TunnelHeader, ReadsWhatItWrote) {
  Bytes bytes{};
  example().write(bytes.data());
  const auto read = TunnelHeader::read(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->chunk, 1);
  EXPECT_EQ(read->chunks, 3);
  EXPECT_EQ(read->offset, 0x0203);
  EXPECT_EQ(read->total, 0x0506);
  EXPECT_EQ(read->session, example().session);
  EXPECT_EQ(read->frame_id(), example().counter - 1);
  EXPECT_EQ(read->sent.ns(), -2);
  EXPECT_FALSE(read->is_encrypted());
}

TEST(TunnelHeader, RefusesWhatContradictsItself) {
  const auto reads = [](const TunnelHeader& header) {
    Bytes bytes{};
    header.write(bytes.data());
    return TunnelHeader::read(bytes).has_value();
  };
  const TunnelHeader good = example();
  ASSERT_TRUE(reads(good));
  TunnelHeader bad = good;
  bad.kind = 4;
  EXPECT_FALSE(reads(bad)) << "no such kind";
  bad = good;
  bad.chunk = 3;
  EXPECT_FALSE(reads(bad)) << "chunk 3 of 0 to 2";
  bad = good;
  bad.chunks = TunnelHeader::kChunksMax + 1;
  EXPECT_FALSE(reads(bad)) << "too many chunks";
  bad = good;
  bad.offset = bad.total;
  EXPECT_FALSE(reads(bad)) << "a chunk behind the end";
  bad = good;
  bad.offset = 0;
  EXPECT_FALSE(reads(bad)) << "the second chunk at the beginning";
  bad = good;
  bad.chunk = 0;
  EXPECT_FALSE(reads(bad)) << "the first chunk not at the beginning";
  bad = good;
  bad.counter = 0;
  EXPECT_FALSE(reads(bad)) << "the first counter cannot be a second chunk";
}

TEST(TunnelHeader, RefusesOtherVersionsAndWhatIsCutOff) {
  Bytes bytes{};
  TunnelHeader header = example();
  header.kind = TunnelHeader::kEncrypted;
  header.write(bytes.data());
  EXPECT_TRUE(TunnelHeader::read(bytes).has_value());
  EXPECT_FALSE(TunnelHeader::read(std::span(bytes).first(bytes.size() - 1)).has_value())
      << "without the whole tag";
  EXPECT_FALSE(TunnelHeader::read(std::span(bytes).first(31)).has_value());
  EXPECT_FALSE(TunnelHeader::read({}).has_value());
  bytes[0] = std::byte{2};
  EXPECT_FALSE(TunnelHeader::read(bytes).has_value());
}

}  // namespace
}  // namespace violin
