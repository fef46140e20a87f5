#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "emulator/realtime/realtime.hh"
#include "emulator/tunnel/datagram_cipher.hh"
#include "emulator/tunnel/tunnel_carrier.hh"
#include "emulator/tunnel/udp_tunnel.hh"

// Whatever comes to the port of a tunnel, several datagrams joined by the kernel: each is taken at
// most once, and of what was sealed nothing that was changed afterwards. The first byte says how
// the rest is to be used, the next two how long the datagrams are.

using namespace violin;

namespace {

constexpr uint64_t kSession = 0x1122'3344'5566'7788;

// How datagrams are made of the input.
constexpr uint8_t kSealed = 1;    // they are sealed with the right key
constexpr uint8_t kTampered = 2;  // and then a bit of each is turned over

// Looks at every byte of what comes out.
class Reader final : public FrameSink {
 public:
  void receive(Frame frame, Time) override {
    ++frames;
    CHECK_COMPARE(frame.size(), <=, 0xffffu);
    CHECK(!frame.payload().is_stream());
    read(frame.headers());
    read(frame.payload().stored());
  }
  uint64_t frames = 0;

 private:
  void read(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) seen_ = byte;
  }
  volatile std::byte seen_{};
};

// All that outlives one input.
struct Surroundings {
  ScenarioClock clock{0};
  Realtime realtime{clock};
  TunnelCarrier carrier{realtime, {.port = 0}};
  BufferPools pools;
};

SecretKey key() {
  std::array<std::byte, SecretKey::kSize> bytes;
  bytes.fill(std::byte{7});
  return SecretKey(bytes);
}

void seal(std::span<std::byte> datagram, DatagramSealer& sealer) {
  constexpr size_t kOverhead = TunnelHeader::kSize + TunnelHeader::kTagSize;
  if (datagram.size() < kOverhead) return;
  datagram[1] |= std::byte{TunnelHeader::kEncrypted};
  const ByteSpan body = datagram.subspan(kOverhead);
  sealer.seal(datagram.data(), {&body, 1});
}

// What the tunnel is to get, of the datagrams that are one behind the other in `bytes`.
void prepare(std::span<std::byte> bytes, uint32_t stride, uint8_t use, DatagramSealer& sealer,
             std::set<uint64_t>& counters) {
  for (size_t at = 0; at < bytes.size(); at += stride) {
    const std::span<std::byte> datagram =
        bytes.subspan(at, std::min<size_t>(stride, bytes.size() - at));
    if (datagram.size() < TunnelHeader::kSize) continue;
    store_be64(datagram.data() + 8, kSession);
    if ((use & kSealed) != 0) seal(datagram, sealer);
    // Anywhere but in the session, without which the datagram would not come here.
    const size_t last = datagram.size() - 1;
    if ((use & kTampered) != 0) datagram[last] ^= std::byte{1};
    counters.insert(load_be64(datagram.data() + 16));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Surroundings around;
  if (size < 4) return 0;
  const uint8_t use = data[0];
  const auto* from = reinterpret_cast<const std::byte*>(data);
  const uint32_t stride = std::max<uint32_t>(1, load_be16(from + 1));
  std::vector<std::byte> bytes(from + 3, from + size);

  Reader reader;
  UdpTunnel::Options options;
  options.encryption = (use & kSealed) != 0 ? Encryption::kChaCha20Poly1305 : Encryption::kNone;
  UdpTunnel tunnel("tunnel", options, around.carrier, around.pools, reader);
  JoinSession keys;
  keys.receive_session = kSession;
  keys.receive_key = key();
  tunnel.add_session(keys, SocketAddress(IpAddress::v4(1), 1));
  DatagramSealer sealer(Encryption::kChaCha20Poly1305, key());
  std::set<uint64_t> counters;
  prepare(bytes, stride, use, sealer, counters);

  std::vector<std::byte> again = bytes;  // what the tunnel gets is deciphered in place
  for (std::vector<std::byte>* round : {&bytes, &again}) {
    const uint64_t before = reader.frames;
    std::span<std::byte> rest(*round);
    while (!rest.empty()) {
      // As TunnelCarrier does: what has no header of a known session does not get here.
      size_t used = std::min<size_t>(stride, rest.size());
      const std::optional<TunnelHeader> header = TunnelHeader::read(rest.first(used));
      if (header && header->session == kSession) {
        used = tunnel.receive_datagrams(*header, rest, stride, SocketAddress(), Time::zero());
      }
      CHECK(used > 0 && used <= rest.size());
      rest = rest.subspan(used);
    }
    CHECK(round == &bytes || reader.frames == before);
  }
  CHECK_COMPARE(tunnel.counters().datagrams_delivered, <=, counters.size());
  if ((use & kSealed) != 0 && (use & kTampered) != 0) CHECK_COMPARE(reader.frames, ==, 0u);
  return 0;
}
