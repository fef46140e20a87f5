#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "core/byte_order.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/tunnel/datagram_cipher.hh"
#include "emulator/tunnel/tunnel_carrier.hh"
#include "emulator/tunnel/udp_tunnel.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"

// Datagrams that no tunnel of ours would send, under the right keys: what a member may try who does
// not mean well, and what anybody may try where nothing is authenticated.

namespace violin {
namespace {

using testing::bytes_of;
using testing::FrameLog;
using testing::PacketBuilder;
using Bytes = std::vector<std::byte>;

constexpr Time kNow = Time::zero();
const IpAddress kLoopback = IpAddress::v4(0x7f000001);

class HostileDatagram : public ::testing::TestWithParam<Encryption> {
 protected:
  HostileDatagram() { rejoin(); }

  bool is_sealed() const { return GetParam() != Encryption::kNone; }
  UdpTunnel::Options options() const {
    UdpTunnel::Options options;
    options.encryption = GetParam();
    return options;
  }
  // The two ends have a session that they did not have before.
  void rejoin() {
    ++session_;
    counter_ = 0;
    JoinSession keys;
    keys.receive_session = session_;
    keys.receive_key = key();
    tunnel_.add_session(keys, SocketAddress(kLoopback, 9));
  }
  SecretKey key() const {
    std::array<std::byte, SecretKey::kSize> bytes;
    bytes.fill(static_cast<std::byte>(session_));
    return SecretKey(bytes);
  }
  // What whoever has the key of the session sends, in one datagram.
  Bytes datagram(uint8_t kind, std::span<const std::byte> content) {
    TunnelHeader header;
    header.kind = static_cast<uint8_t>(kind | (is_sealed() ? TunnelHeader::kEncrypted : 0));
    header.total = static_cast<uint16_t>(content.size());
    header.session = session_;
    header.counter = ++counter_;
    Bytes bytes(header.overhead() + content.size());
    header.write(bytes.data());
    std::memcpy(bytes.data() + header.overhead(), content.data(), content.size());
    if (!is_sealed()) return bytes;
    DatagramSealer sealer(GetParam(), key());
    const ByteSpan body(bytes.data() + header.overhead(), content.size());
    sealer.seal(bytes.data(), {&body, 1});
    return bytes;
  }
  Bytes plain_frame() { return datagram(TunnelHeader::kPlain, bytes_of(packet(100))); }
  Bytes super_frame(uint16_t gso_size, const Bytes& frame, uint16_t behind = 0) {
    Bytes content(TunnelHeader::kSuperPrefix);
    store_be16(content.data(), gso_size);
    store_be16(content.data() + 2, behind);
    content.insert(content.end(), frame.begin(), frame.end());
    return datagram(TunnelHeader::kSuper, content);
  }
  Frame packet(uint32_t payload) {
    PacketBuilder builder;
    builder.payload_size = payload;
    return builder.build(pools_);
  }
  void hand_over(Bytes datagram) {
    const std::optional<TunnelHeader> header = TunnelHeader::read(datagram);
    ASSERT_TRUE(header);
    tunnel_.receive_datagrams(*header, datagram, static_cast<uint32_t>(datagram.size()),
                              SocketAddress(kLoopback, 9), kNow);
  }
  uint64_t drops(DropReason reason) const { return tunnel_.counters().drops.of(reason); }

  BufferPools pools_;
  ScenarioClock clock_{0};
  Realtime realtime_{clock_};
  TunnelCarrier carrier_{realtime_, {.port = 0}};
  FrameLog inside_;
  UdpTunnel tunnel_{"tunnel", options(), carrier_, pools_, inside_};
  uint64_t session_ = 0;
  uint64_t counter_ = 0;
};

TEST_P(HostileDatagram, ASuperFrameThatNoKernelMakesIsMalformed) {
  const Bytes frame = bytes_of(packet(20'000));
  const std::vector<Bytes> bad = {
      super_frame(1448, {}),
      super_frame(1448, Bytes(13)),
      super_frame(0, frame),
      super_frame(1, frame),  // 20,000 frames
      super_frame(20'000, frame),
      super_frame(std::numeric_limits<uint16_t>::max(), frame),
      super_frame(1448, frame, /*behind=*/1),
      super_frame(1448, Bytes(20'000)),  // neither TCP nor UDP
      datagram(TunnelHeader::kSuper, Bytes(TunnelHeader::kSuperPrefix - 1)),
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    hand_over(bad[i]);
    EXPECT_EQ(inside_.count(), 0u) << "number " << i;
    EXPECT_EQ(drops(DropReason::kMalformed), i + 1) << "number " << i;
  }
  hand_over(super_frame(1448, frame));
  ASSERT_EQ(inside_.count(), 1u) << "as it should be it is delivered";
  EXPECT_EQ(inside_.arrivals()[0].frame.gso_size(), 1448);
  EXPECT_EQ(bytes_of(inside_.arrivals()[0].frame), frame);
  EXPECT_EQ(tunnel_.counters().drops.total(), bad.size());
}

// The other end takes nothing whole that it would not take itself.
TEST_P(HostileDatagram, ASuperFrameThatWouldNotBeTakenIsSentInSegments) {
  UdpTunnel::Options sending = options();
  sending.spec.remote = kLoopback;
  sending.whole = true;
  UdpTunnel tunnel("sender", sending, carrier_, pools_, inside_);
  JoinSession keys;
  keys.receive_session = 100;
  tunnel.add_session(keys, SocketAddress(kLoopback, 9));
  tunnel.send_under(keys.receive_session);
  const auto datagrams_for = [&](uint32_t payload, uint16_t gso_size) {
    const uint64_t before = tunnel.counters().frames_sent;
    Frame frame = packet(payload);
    frame.set_gso_size(gso_size);
    tunnel.receive(std::move(frame), kNow);
    return tunnel.counters().frames_sent - before;
  };
  EXPECT_EQ(datagrams_for(2'000, 1'000), 1u);
  EXPECT_EQ(datagrams_for(2'000, 40), 50u);
  EXPECT_EQ(datagrams_for(1'000, 1'000), 1u);
}

// Whoever sees one datagram of a plain session knows all it takes to send another one.
TEST_P(HostileDatagram, AForgedCounterSilencesAPlainSessionUntilItIsRejoinedAndNoSealedOne) {
  hand_over(plain_frame());
  ASSERT_EQ(inside_.count(), 1u);
  Bytes forged = plain_frame();
  store_be64(forged.data() + 16, std::numeric_limits<uint64_t>::max());
  hand_over(forged);
  EXPECT_EQ(inside_.count(), is_sealed() ? 1u : 2u);
  EXPECT_EQ(drops(DropReason::kUnauthentic), is_sealed() ? 1u : 0u);
  const size_t before = inside_.count();
  for (int i = 0; i < 100; ++i) hand_over(plain_frame());
  EXPECT_EQ(inside_.count(), before + (is_sealed() ? 100 : 0));
  EXPECT_EQ(drops(DropReason::kReplayed), is_sealed() ? 0u : 100u);
  rejoin();
  const size_t rejoined = inside_.count();
  hand_over(plain_frame());
  EXPECT_EQ(inside_.count(), rejoined + 1);
}

INSTANTIATE_TEST_SUITE_P(EveryCipher, HostileDatagram,
                         ::testing::Values(Encryption::kNone, Encryption::kAes256Gcm,
                                           Encryption::kChaCha20Poly1305));

TEST(HostileDatagramAtThePort, IsCountedAlsoWhenItHasNoByteAtAll) {
  ScenarioClock clock{0};
  Realtime realtime(clock);
  TunnelCarrier carrier(realtime, {.port = 0});
  const UdpSocket stranger({});
  const SocketAddress port(kLoopback, carrier.port());
  for (const size_t size : {size_t{0}, size_t{1}, size_t{0}}) {
    const Bytes bytes(size);
    ASSERT_EQ(::sendto(stranger.descriptor(), bytes.data(), size, 0,
                       reinterpret_cast<const sockaddr*>(&port.storage), port.length),
              static_cast<ssize_t>(size));
  }
  carrier.read_input(kNow);
  EXPECT_EQ(carrier.receives(), 3u);
  EXPECT_EQ(carrier.drops().of(DropReason::kMalformed), 3u);
}

}  // namespace
}  // namespace violin
