#include "emulator/tunnel/udp_tunnel.hh"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/byte_order.hh"
#include "core/ip_header.hh"
#include "core/segmentation.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/tunnel/tunnel_carrier.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"

namespace violin {
namespace {

using testing::bytes_of;
using testing::FrameLog;
using testing::PacketBuilder;

constexpr Time kNow = Time::zero();
const IpAddress kLoopback = IpAddress::v4(0x7f000001);

// Both ends of a session, as joining would have made it.
struct Sessions {
  JoinSession a, b;
  explicit Sessions(uint64_t number) {
    const auto key = [](uint8_t fill) {
      std::array<std::byte, 32> bytes;
      bytes.fill(std::byte{fill});
      return SecretKey(bytes);
    };
    a.send_key = b.receive_key = key(static_cast<uint8_t>(number));
    a.receive_key = b.send_key = key(static_cast<uint8_t>(number + 1));
    a.send_session = b.receive_session = 0x1000 + number;
    a.receive_session = b.send_session = 0x2000 + number;
  }
};

// a ── carrier ══ loopback ══ carrier ── b
class UdpTunnelTest : public ::testing::TestWithParam<Encryption> {
 protected:
  void make(int64_t path_mtu = 1500, bool whole = true) {
    UdpTunnel::Options options;
    options.spec.remote = kLoopback;
    options.spec.path_mtu = path_mtu;
    options.encryption = GetParam();
    options.whole = whole;
    a_ = std::make_unique<UdpTunnel>("a", options, carrier_a_, pools_, at_a_);
    b_ = std::make_unique<UdpTunnel>("b", options, carrier_b_, pools_, at_b_);
    add(first_);
    a_->send_under(first_.a.receive_session);
    b_->send_under(first_.b.receive_session);
  }
  void add(const Sessions& sessions) {
    a_->add_session(sessions.a, SocketAddress(kLoopback, carrier_b_.port()));
    b_->add_session(sessions.b, SocketAddress(kLoopback, carrier_a_.port()));
  }
  Frame frame(uint32_t payload, uint16_t gso_size = 0) {
    PacketBuilder builder;
    builder.protocol = ip_protocol::kTcp;
    builder.payload_size = payload;
    Frame made = builder.build(pools_);
    made.writable_payload();  // as a kernel's, in memory
    made.set_gso_size(gso_size);
    made.set_checksum_good(gso_size != 0);
    return made;
  }
  void exchange() {
    carrier_a_.flush();
    carrier_b_.flush();
    for (int i = 0; i < 4; ++i) {
      carrier_a_.read_input(kNow);
      carrier_b_.read_input(kNow);
    }
  }
  // One datagram of `from`'s, as it stands on the wire; nothing is delivered.
  std::vector<std::byte> datagram_from_a(uint32_t payload) {
    FrameLog nobody;
    UdpSocket spy({.v6 = false, .port = 0, .joined = false});
    UdpTunnel::Options options;
    options.spec.remote = kLoopback;
    options.encryption = GetParam();
    UdpTunnel copy("copy", options, carrier_spy_, pools_, nobody);
    copy.add_session(first_.a, SocketAddress(kLoopback, spy.port()));
    copy.send_under(first_.a.receive_session);
    copy.receive(frame(payload), kNow);
    carrier_spy_.flush();
    std::vector<std::byte> bytes(2000);
    const ssize_t got = ::recv(spy.descriptor(), bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
    return bytes;
  }
  void hand_to_b(std::vector<std::byte> datagram) {
    const auto stride = static_cast<uint32_t>(datagram.size());
    const std::optional<TunnelHeader> header = TunnelHeader::read(datagram);
    if (!header) return;  // the carrier passes no such datagram on
    b_->receive_datagrams(*header, datagram, stride, SocketAddress(kLoopback, 1), kNow);
  }

  BufferPools pools_;
  ScenarioClock clock_{0};
  Realtime realtime_{clock_};
  TunnelCarrier carrier_a_{realtime_, {.port = 0}};
  TunnelCarrier carrier_b_{realtime_, {.port = 0}};
  TunnelCarrier carrier_spy_{realtime_, {.port = 0}};
  FrameLog at_a_, at_b_;
  Sessions first_{10}, second_{20};
  std::unique_ptr<UdpTunnel> a_, b_;
};

TEST_P(UdpTunnelTest, FramesOfEveryLengthArriveBitForBit) {
  for (const int64_t path_mtu : {576, 1280, 1500, 9000}) {
    make(path_mtu);
    for (const uint32_t size : {0u, 1u, 74u, 700u, 1374u, 1446u}) {
      at_b_ = FrameLog();
      const Frame sent = frame(size);
      a_->receive(sent.clone(), kNow);
      exchange();
      ASSERT_EQ(at_b_.count(), 1u) << "path MTU " << path_mtu << " payload " << size;
      EXPECT_EQ(bytes_of(at_b_.arrivals()[0].frame), bytes_of(sent));
    }
    EXPECT_EQ(b_->counters().drops.total(), 0u);
  }
}

TEST_P(UdpTunnelTest, ASuperFrameTravelsWholeWhereItMay) {
  make();
  for (const uint32_t size : {1449u, 20'000u, 61'000u}) {
    at_b_ = FrameLog();
    const Frame sent = frame(size, 1448);
    a_->receive(sent.clone(), kNow);
    exchange();
    ASSERT_EQ(at_b_.count(), 1u) << size;
    EXPECT_EQ(bytes_of(at_b_.arrivals()[0].frame), bytes_of(sent));
    EXPECT_EQ(at_b_.arrivals()[0].frame.gso_size(), 1448);
  }
}

TEST_P(UdpTunnelTest, ElsewhereItsSegmentsDo) {
  make(1500, /*whole=*/false);
  a_->receive(frame(10 * 1448, 1448), kNow);
  exchange();
  ASSERT_EQ(at_b_.count(), 10u);
  for (const FrameLog::Arrival& arrival : at_b_.arrivals()) {
    EXPECT_EQ(arrival.frame.gso_size(), 0);
    EXPECT_EQ(arrival.frame.size(), 1448u + transport_layout(arrival.frame)->payload_at);
  }
}

TEST_P(UdpTunnelTest, ASuperFrameOfTooManyChunksGoesInSegments) {
  make(576);
  a_->receive(frame(50 * 1000, 1000), kNow);
  exchange();
  EXPECT_EQ(at_b_.count(), 50u);
  EXPECT_EQ(a_->counters().drops.total(), 0u);
}

TEST_P(UdpTunnelTest, WithoutMemoryAFrameIsOneDropAndNoAttack) {
  make();
  BufferPools none(BufferLimits{.frames = 0});
  UdpTunnel::Options options;
  options.spec.remote = kLoopback;
  options.encryption = GetParam();
  b_.reset();
  UdpTunnel poor("poor", options, carrier_b_, none, at_b_);
  poor.add_session(first_.b, SocketAddress(kLoopback, carrier_a_.port()));
  a_->receive(frame(1400), kNow);  // two chunks
  exchange();
  EXPECT_EQ(poor.counters().drops.of(DropReason::kNoBuffer), 1u);
  EXPECT_EQ(poor.counters().drops.total(), 1u);
}

TEST_P(UdpTunnelTest, EqualDatagramsGoInOneCall) {
  make();
  for (int i = 0; i < 40; ++i) a_->receive(frame(100), kNow);
  exchange();
  EXPECT_EQ(at_b_.count(), 40u);
  EXPECT_EQ(carrier_a_.batch().counters().sends, 1u);
}

TEST_P(UdpTunnelTest, WithoutASessionNothingIsSent) {
  make();
  a_->drop_all_sessions();
  a_->receive(frame(100), kNow);
  exchange();
  EXPECT_EQ(at_b_.count(), 0u);
  EXPECT_EQ(a_->counters().drops.of(DropReason::kNoTunnel), 1u);
}

TEST_P(UdpTunnelTest, DuringARekeyBothSessionsAreReceivedAndThenOnlyTheNewOne) {
  make();
  a_->receive(frame(1), kNow);
  add(second_);
  a_->receive(frame(2), kNow);  // still under the first
  a_->send_under(second_.a.receive_session);
  a_->receive(frame(3), kNow);
  exchange();
  EXPECT_EQ(at_b_.count(), 3u);
  b_->drop_session(first_.b.receive_session);
  a_->send_under(first_.a.receive_session);
  a_->receive(frame(4), kNow);
  exchange();
  EXPECT_EQ(at_b_.count(), 3u);
  EXPECT_EQ(carrier_b_.drops().of(DropReason::kWrongSession), 1u);
}

TEST_P(UdpTunnelTest, ADatagramIsTakenOnce) {
  make();
  const std::vector<std::byte> datagram = datagram_from_a(100);
  hand_to_b(datagram);
  EXPECT_EQ(at_b_.count(), 1u) << "unmodified it is delivered";
  hand_to_b(datagram);
  EXPECT_EQ(at_b_.count(), 1u);
  EXPECT_EQ(b_->counters().drops.of(DropReason::kReplayed), 1u);
}

TEST_P(UdpTunnelTest, WhatWasSealedCannotBeChanged) {
  if (GetParam() == Encryption::kNone) GTEST_SKIP() << "plain datagrams can be changed on the way";
  make();
  const std::vector<std::byte> good = datagram_from_a(100);
  for (size_t i = 0; i < good.size(); ++i) {
    if (i >= 8 && i < 16) continue;  // the session: another one is the carrier's to drop
    std::vector<std::byte> bad = good;
    bad[i] ^= std::byte{0x10};
    hand_to_b(bad);
    EXPECT_EQ(at_b_.count(), 0u) << "byte " << i;
  }
  hand_to_b(good);
  EXPECT_EQ(at_b_.count(), 1u) << "unmodified it is delivered";
}

TEST_P(UdpTunnelTest, TruncatedAndPaddedDatagramsAreDropped) {
  make();
  const std::vector<std::byte> good = datagram_from_a(100);
  for (const size_t size : {size_t{33}, good.size() - 1, good.size() / 2}) {
    hand_to_b({good.begin(), good.begin() + static_cast<ptrdiff_t>(size)});
    EXPECT_EQ(at_b_.count(), 0u) << size;
  }
}

TEST_P(UdpTunnelTest, OnlySealedDatagramsMoveThePeer) {
  make();
  hand_to_b(datagram_from_a(100));  // from another address than a's
  b_->receive(frame(5), kNow);
  exchange();
  EXPECT_EQ(at_a_.count(), GetParam() == Encryption::kNone ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(EveryCipher, UdpTunnelTest,
                         ::testing::Values(Encryption::kNone, Encryption::kAes256Gcm,
                                           Encryption::kChaCha20Poly1305));

}  // namespace
}  // namespace violin
