#include "core/frame_train.hh"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/byte_order.hh"
#include "core/checksum.hh"
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
  builder.tcp.sequence = 0xffff'f000;  // wraps within the train
  builder.tcp.flags = TcpHeader::kAck | TcpHeader::kPsh | TcpHeader::kEce;
  builder.tcp.timestamps = TcpHeader::Timestamps{1, 2};
  builder.identification = 0xfffe;
  return builder;
}

// The frames that a sender's super-frame of `payload` bytes is on the wire.
std::vector<Frame> frames_of(BufferPools& pools, const Kind& kind, uint32_t payload,
                             uint16_t gso_size) {
  PacketBuilder builder = builder_of(kind);
  builder.payload_size = payload;
  Frame super = builder.build(pools);
  super.set_gso_size(gso_size);
  std::vector<Frame> frames;
  segment(std::move(super), [&](Frame part) {
    part.store_payload();
    frames.push_back(std::move(part));
  });
  return frames;
}

// How many of the frames went into the train.
size_t fill(FrameTrain& train, std::vector<Frame>& frames) {
  size_t taken = 0;
  for (Frame& frame : frames) {
    const TransportLayout layout = *transport_layout(frame);
    if (train.empty()) {
      if (!FrameTrain::can_begin(frame, layout)) break;
      train.begin(std::move(frame), layout, Time());
    } else if (!train.append(frame, layout, Time())) {
      break;
    }
    ++taken;
  }
  return taken;
}

// The train as the one frame that a kernel is given.
Frame joined(BufferPools& pools, FrameTrain& train) {
  const uint16_t gso_size = train.close().gso_size();
  std::vector<std::byte> bytes(train.headers().begin(), train.headers().end());
  for (uint32_t i = 0; i < train.frames(); ++i) {
    for (const auto piece : train.payload(i).piece) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
    }
  }
  EXPECT_EQ(bytes.size(), train.size());
  Frame frame = Frame::from_bytes(pools, bytes);
  frame.set_gso_size(gso_size);
  return frame;
}

// Whether the lengths in the headers are those of the whole, and the IPv4 header is right.
bool headers_are_of_the_whole(const Frame& frame) {
  const TransportLayout layout = *transport_layout(frame);
  const std::vector<std::byte> bytes = bytes_of(frame);
  const std::span<const std::byte> ip = std::span(bytes).subspan(layout.network_at);
  const std::span<const std::byte> transport = std::span(bytes).subspan(layout.transport_at);
  if (layout.protocol == ip_protocol::kUdp &&
      UdpHeader::read(transport)->length != transport.size()) {
    return false;
  }
  if (layout.is_v6) return Ipv6Header::read(ip)->payload_length == ip.size() - Ipv6Header::kSize;
  return Ipv4Header::read(ip)->total_length == ip.size() && Ipv4Header::checksum_is_right(ip);
}

std::vector<std::vector<std::byte>> bytes_of_all(const std::vector<Frame>& frames) {
  std::vector<std::vector<std::byte>> all;
  for (const Frame& frame : frames) all.push_back(bytes_of(frame));
  return all;
}

TEST(FrameTrain, IsWhatItsFramesAreTheSegmentsOf) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    for (const uint32_t payload : {1401u, 2800u, 2801u, 14'000u, 50'003u}) {
      std::vector<Frame> frames = frames_of(pools, kind, payload, 1400);
      const auto before = bytes_of_all(frames);
      FrameTrain train;
      ASSERT_EQ(fill(train, frames), before.size());
      std::vector<std::vector<std::byte>> after;
      Frame super = joined(pools, train);
      EXPECT_TRUE(headers_are_of_the_whole(super));
      segment(std::move(super), [&](Frame part) { after.push_back(bytes_of(part)); });
      EXPECT_EQ(after, before) << kind.v6 << kind.vlan << int{kind.protocol} << " " << payload;
    }
  }
}

TEST(FrameTrain, OfOneFrameIsThatFrame) {
  BufferPools pools;
  std::vector<Frame> frames = frames_of(pools, kinds()[0], 700, 1400);
  const auto before = bytes_of(frames[0]);
  FrameTrain train;
  ASSERT_EQ(fill(train, frames), 1u);
  const Frame frame = joined(pools, train);
  EXPECT_EQ(frame.gso_size(), 0);
  EXPECT_EQ(bytes_of(frame), before);
}

TEST(FrameTrain, EndsWithAShorterFrame) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    std::vector<Frame> frames = frames_of(pools, kind, 2900, 1400);
    frames.push_back(frames_of(pools, kind, 100, 1400)[0].clone());
    FrameTrain train;
    EXPECT_EQ(fill(train, frames), 3u);
  }
}

TEST(FrameTrain, EndsWithTheFrameThatTheSenderPushed) {
  BufferPools pools;
  const Kind kind{false, false, ip_protocol::kTcp};
  std::vector<Frame> frames = frames_of(pools, kind, 2800, 1400);
  PacketBuilder next = builder_of(kind);
  next.payload_size = 1400;
  next.tcp.sequence += 2800;
  frames.push_back(next.build(pools));
  frames.back().store_payload();
  FrameTrain train;
  EXPECT_EQ(fill(train, frames), 2u);
}

TEST(FrameTrain, IsBoundedInFramesAndBytes) {
  BufferPools pools;
  const Kind udp{false, false, ip_protocol::kUdp};
  std::vector<Frame> small = frames_of(pools, udp, 200 * 64, 64);
  FrameTrain train;
  EXPECT_EQ(fill(train, small), FrameTrain::kFramesMax);
  train.clear();
  std::vector<Frame> large = frames_of(pools, udp, 65'000, 5000);
  EXPECT_EQ(fill(train, large), 12u);
  EXPECT_LE(train.size(), FrameTrain::kBytesMax);
}

// One frame after another that goes on but for one thing.
struct Difference {
  const char* what;
  std::function<void(PacketBuilder&)> make;
};

TEST(FrameTrain, TakesNothingThatDiffersInMoreThanASegmentDoes) {
  BufferPools pools;
  const std::vector<Difference> differences = {
      {"sequence", [](PacketBuilder& p) { p.tcp.sequence += 1; }},
      {"acknowledgment", [](PacketBuilder& p) { p.tcp.acknowledgment = 99; }},
      {"window", [](PacketBuilder& p) { p.tcp.window = 99; }},
      {"echo of congestion", [](PacketBuilder& p) { p.tcp.flags &= ~TcpHeader::kEce; }},
      {"reset", [](PacketBuilder& p) { p.tcp.flags |= TcpHeader::kRst; }},
      {"urgent", [](PacketBuilder& p) { p.tcp.flags |= TcpHeader::kUrg; }},
      {"window reduced", [](PacketBuilder& p) { p.tcp.flags |= TcpHeader::kCwr; }},
      {"timestamp",
       [](PacketBuilder& p) {
         p.tcp.timestamps = TcpHeader::Timestamps{3, 2};
       }},
      {"options", [](PacketBuilder& p) { p.tcp.timestamps.reset(); }},
      {"congestion experienced", [](PacketBuilder& p) { p.traffic_class = 3; }},
      {"destination", [](PacketBuilder& p) { p.destination_host = 9; }},
      {"longer", [](PacketBuilder& p) { p.payload_size = 1401; }},
      {"tag", [](PacketBuilder& p) { p.vlan = !p.vlan; }},
  };
  for (const bool v6 : {false, true}) {
    const Kind kind{v6, false, ip_protocol::kTcp};
    PacketBuilder first = builder_of(kind);
    first.tcp.flags &= ~TcpHeader::kPsh;
    first.payload_size = 1400;
    PacketBuilder good = first;
    good.tcp.sequence += 1400;
    good.identification = 0xffff;
    for (const Difference& difference : differences) {
      FrameTrain train;
      std::vector<Frame> frames;
      PacketBuilder other = good;
      difference.make(other);
      for (PacketBuilder* each : {&first, &other, &good}) {
        frames.push_back(each->build(pools));
        frames.back().store_payload();
      }
      EXPECT_EQ(fill(train, frames), 1u) << difference.what;
      const TransportLayout layout = *transport_layout(frames[2]);
      EXPECT_TRUE(train.append(frames[2], layout, Time())) << difference.what;
    }
  }
}

TEST(FrameTrain, MayNotBeginWithAConnectionsFirstFrame) {
  BufferPools pools;
  PacketBuilder builder = builder_of({false, false, ip_protocol::kTcp});
  builder.tcp.flags = TcpHeader::kSyn;
  Frame frame = builder.build(pools);
  frame.store_payload();
  EXPECT_FALSE(FrameTrain::can_begin(frame, *transport_layout(frame)));
}

TEST(FrameTrain, TakesNoFrameWithoutData) {
  BufferPools pools;
  PacketBuilder builder = builder_of({false, false, ip_protocol::kTcp});
  builder.payload_size = 0;
  Frame frame = builder.build(pools);
  EXPECT_FALSE(FrameTrain::can_begin(frame, *transport_layout(frame)));
}

TEST(FrameTrain, VerifiesWhatNobodyVouchesFor) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    Frame good = std::move(frames_of(pools, kind, 700, 1400)[0]);
    Frame bad = good.clone();
    good.set_checksum_good(false);
    EXPECT_TRUE(FrameTrain::can_begin(good, *transport_layout(good)));
    EXPECT_TRUE(good.checksum_good());
    bad.writable_payload()[600] ^= std::byte{1};
    EXPECT_FALSE(FrameTrain::can_begin(bad, *transport_layout(bad)));
    EXPECT_FALSE(bad.checksum_good());
  }
}

TEST(FrameTrain, ARepairedHeaderWouldHideACorruptedOne) {
  BufferPools pools;
  Frame frame = std::move(frames_of(pools, {false, false, ip_protocol::kUdp}, 700, 1400)[0]);
  frame.headers()[14 + 8] ^= std::byte{1};  // time to live
  frame.set_checksum_good(false);
  EXPECT_FALSE(FrameTrain::can_begin(frame, *transport_layout(frame)));
}

TEST(FrameTrain, ADatagramWithoutAChecksumIsLeftAlone) {
  BufferPools pools;
  Frame frame = std::move(frames_of(pools, {false, false, ip_protocol::kUdp}, 700, 1400)[0]);
  const TransportLayout layout = *transport_layout(frame);
  store_be16(frame.headers().data() + layout.transport_at + 6, 0);
  EXPECT_FALSE(FrameTrain::can_begin(frame, layout));
}

TEST(FrameTrain, PaddingBehindThePacketIsNotTakenForData) {
  BufferPools pools;
  for (const Kind& kind : kinds()) {
    std::vector<std::byte> padded = bytes_of(frames_of(pools, kind, 10, 1400)[0]);
    padded.resize(padded.size() + 8);
    Frame ethernet = Frame::from_bytes(pools, padded);
    ethernet.set_checksum_good(true);
    EXPECT_FALSE(FrameTrain::can_begin(ethernet, *transport_layout(ethernet)));
  }
}

TEST(FrameTrain, FlowsAreToldApartByAddressesProtocolAndPorts) {
  BufferPools pools;
  const PacketBuilder base = builder_of({false, false, ip_protocol::kUdp});
  const auto is_same = [&](const std::function<void(PacketBuilder&)>& change) {
    FrameTrain train;
    Frame first = base.build(pools);
    first.store_payload();
    const TransportLayout layout = *transport_layout(first);
    train.begin(std::move(first), layout, Time());
    PacketBuilder other = base;
    change(other);
    const Frame frame = other.build(pools);
    return train.is_of_flow(frame, *transport_layout(frame));
  };
  EXPECT_TRUE(is_same([](PacketBuilder& p) { p.payload_size = 7; }));
  EXPECT_FALSE(is_same([](PacketBuilder& p) { p.udp.source_port = 9; }));
  EXPECT_FALSE(is_same([](PacketBuilder& p) { p.udp.destination_port = 9; }));
  EXPECT_FALSE(is_same([](PacketBuilder& p) { p.source_host = 9; }));
  EXPECT_FALSE(is_same([](PacketBuilder& p) { p.protocol = ip_protocol::kTcp; }));
}

}  // namespace
}  // namespace violin
