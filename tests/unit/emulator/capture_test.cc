#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <fstream>
#include <sstream>

#include "core/frame.hh"
#include "emulator/network/pcap_writer.hh"
#include "emulator/results/frame_record.hh"
#include "emulator/scenario/input_error.hh"
#include "tests/support/temporary_folder.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;
using namespace literals;

Frame frame_of(BufferPools& pools, size_t size, int fill) {
  const std::vector<std::byte> bytes(size, static_cast<std::byte>(fill));
  return Frame::from_bytes(pools, bytes);
}

std::string contents(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(PcapWriter, KeepsNanosecondsAndTrueLengths) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.pcap";
  BufferPools pools;
  PcapWriter writer(file, {.snaplen = Bytes(96)});
  writer.write(frame_of(pools, 1514, 7), Time::from_ns(1'000'000'001));
  writer.write(frame_of(pools, 60, 9), Time::from_ns(-1));
  writer.close();

  const std::string text = contents(file);
  EXPECT_EQ(text.substr(0, 4), "\x4d\x3c\xb2\xa1");  // 0xa1b23c4d, little-endian
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* pcap =
      pcap_open_offline_with_tstamp_precision(file.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  ASSERT_NE(pcap, nullptr) << error;
  EXPECT_EQ(pcap_datalink(pcap), DLT_EN10MB);
  EXPECT_EQ(pcap_snapshot(pcap), 96);
  pcap_pkthdr header;
  const u_char* bytes = pcap_next(pcap, &header);
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(header.ts.tv_sec, kVirtualEpochNs / 1'000'000'000 + 1);
  EXPECT_EQ(header.ts.tv_usec, 1);
  EXPECT_EQ(header.caplen, 96u);
  EXPECT_EQ(header.len, 1514u);
  EXPECT_EQ(bytes[95], 7);
  bytes = pcap_next(pcap, &header);
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(header.ts.tv_sec, kVirtualEpochNs / 1'000'000'000 - 1);
  EXPECT_EQ(header.ts.tv_usec, 999'999'999);
  EXPECT_EQ(header.caplen, 60u);
  pcap_close(pcap);
}

TEST(PcapWriter, NamesTheFileThatCannotBeWritten) {
  try {
    PcapWriter writer("/no/such/folder/x.pcap");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder/x.pcap"), std::string::npos);
  }
}

TEST(PcapWriter, TellsOfAFullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  BufferPools pools;
  EXPECT_THROW(
      {
        PcapWriter writer("/dev/full");
        for (int i = 0; i < 10'000; ++i) writer.write(frame_of(pools, 1514, 1), Time::zero());
        writer.close();
      },
      std::runtime_error);
}

TEST(FrameRecord, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "frames.bin";
  BufferPools pools;
  FrameRecordWriter writer(file, {"a->b", "b->a"}, {.kept_bytes = 16});
  writer.write(1, frame_of(pools, 1514, 1), Time::from_ns(-5));
  writer.write(0, frame_of(pools, 10, 2), Time::from_ns(7'000'000'000));
  writer.close();
  std::ifstream in(file, std::ios::binary);
  FrameRecordReader reader(in, "frames.bin");
  EXPECT_EQ(reader.wires(), (std::vector<std::string>{"a->b", "b->a"}));
  const auto first = reader.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->when, Time::from_ns(-5));
  EXPECT_EQ(first->wire, 1u);
  EXPECT_EQ(first->length, 1514u);
  EXPECT_EQ(first->bytes, std::vector<std::byte>(16, std::byte{1}));
  const auto second = reader.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->when, Time::from_ns(7'000'000'000));
  EXPECT_EQ(second->bytes.size(), 10u);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.stopped_at_limit());
}

TEST(FrameRecord, SeesAChangeBehindTheKeptBytes) {
  BufferPools pools;
  std::vector<std::byte> bytes(1000);
  uint32_t hashes[2];
  for (int i = 0; i < 2; ++i) {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "frames.bin";
    // The same bytes in other places, of the same parity: plain sums would not see it.
    bytes[900] = std::byte{static_cast<unsigned char>(i)};
    bytes[902] = std::byte{static_cast<unsigned char>(1 - i)};
    FrameRecordWriter writer(file, {"w"}, {.kept_bytes = 16});
    writer.write(0, Frame::from_bytes(pools, bytes), Time::zero());
    writer.close();
    std::ifstream in(file, std::ios::binary);
    hashes[i] = FrameRecordReader(in, "f").next()->hash;
  }
  EXPECT_NE(hashes[0], hashes[1]);
}

TEST(FrameRecord, StopsAtItsLimitAndSaysSo) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "frames.bin";
  BufferPools pools;
  FrameRecordWriter writer(file, {"w"}, {.kept_bytes = 100, .bytes_max = 1000});
  for (int i = 0; i < 1000; ++i) writer.write(0, frame_of(pools, 100, 1), Time::from_ns(i));
  writer.close();
  EXPECT_LT(fs::file_size(file), 1300u);
  std::ifstream in(file, std::ios::binary);
  FrameRecordReader reader(in, "f");
  uint64_t count = 0;
  while (reader.next()) ++count;
  EXPECT_EQ(count, writer.records());
  EXPECT_TRUE(reader.stopped_at_limit());
}

TEST(FrameRecord, IsRefusedWhenCutOffAnywhere) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "frames.bin";
  BufferPools pools;
  FrameRecordWriter writer(file, {"w"}, {.kept_bytes = 8});
  writer.write(0, frame_of(pools, 60, 1), Time::from_ns(1));
  writer.close();
  const std::string whole = contents(file);
  for (size_t size = 0; size < whole.size(); ++size) {
    std::istringstream in(whole.substr(0, size));
    EXPECT_THROW(
        {
          FrameRecordReader reader(in, "f");
          while (reader.next()) {
          }
        },
        InputError)
        << size;
  }
}

}  // namespace
}  // namespace violin
