#include "models/tunnel/tunnel_end.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/ip_header.hh"
#include "core/random.hh"
#include "core/transport_header.hh"

namespace violin {
namespace {

constexpr int64_t kPathMtuMin = 576;

}  // namespace

uint32_t TunnelSpec::chunk_size_max() const {
  const uint32_t ip = remote.is_v6() ? Ipv6Header::kSize : Ipv4Header::kSize;
  return static_cast<uint32_t>(path_mtu) - ip - UdpHeader::kSize - overhead();
}

void TunnelSpec::reduce_path_mtu(int64_t mtu) { path_mtu = std::clamp(mtu, kPathMtuMin, path_mtu); }

TunnelEnd::TunnelEnd(Scheduler& scheduler, std::string name, const TunnelSpec& spec, UdpLayer& udp,
                     FrameSink& inside)
    : entity_(std::move(name)),
      spec_(spec),
      udp_(udp),
      inside_(inside),
      sending_(scheduler, entity_, spec.cost, encapsulator_, counters_.drops),
      receiving_(scheduler, entity_, spec.cost, decapsulator_, counters_.drops) {}

void TunnelEnd::write_tag(uint64_t session, uint64_t counter, std::byte* to) const {
  std::array<std::byte, 8> text;
  store_be64(text.data(), counter);
  const std::string_view view(reinterpret_cast<const char*>(text.data()), text.size());
  store_be64(to, stable_hash(view, session));
  store_be64(to + 8, stable_hash(view, ~session));
}

void TunnelEnd::encapsulate(Frame frame, Time now) {
  const uint32_t total = frame.size();
  const uint32_t chunks =
      std::max(1u, (total + spec_.chunk_size_max() - 1) / spec_.chunk_size_max());
  if (chunks > TunnelHeader::kChunksMax || total > 0xffff) {
    counters_.drops.count(DropReason::kTooLongForLink);
    return;
  }
  ++counters_.frames_sent;
  const uint32_t chunk_size = (total + chunks - 1) / chunks;
  TunnelHeader header;
  header.kind = spec_.encrypted ? TunnelHeader::kEncrypted : TunnelHeader::kPlain;
  header.chunks = static_cast<uint8_t>(chunks);
  header.total = static_cast<uint16_t>(total);
  header.session = spec_.send_session;
  header.sent = now;
  // The later chunks share the frame's payload; the first one is the frame itself, cut short, and
  // is made last but sent first.
  std::array<Frame, TunnelHeader::kChunksMax> later;
  for (uint32_t i = 1; i < chunks; ++i) {
    const uint32_t from = i * chunk_size;
    later[i] = Frame::allocate(frame.pools());
    later[i].set_payload(frame.slice(from, std::min(chunk_size, total - from)));
  }
  frame.truncate(chunk_size);
  for (uint32_t i = 0; i < chunks; ++i) {
    header.chunk = static_cast<uint8_t>(i);
    header.offset = static_cast<uint16_t>(i * chunk_size);
    header.counter = next_counter_++;
    send_chunk(i == 0 ? std::move(frame) : std::move(later[i]), header, now);
  }
}

void TunnelEnd::send_chunk(Frame chunk, TunnelHeader header, Time now) {
  if (spec_.encrypted) {
    write_tag(header.session, header.counter, chunk.push_front(TunnelHeader::kTagSize));
  }
  header.write(chunk.push_front(TunnelHeader::kSize));
  chunk.set_gso_size(0);
  ++counters_.datagrams_sent;
  udp_.send(std::move(chunk),
            {spec_.local, TunnelHeader::kUdpPort, spec_.remote, TunnelHeader::kUdpPort},
            {.dont_fragment = true}, now);
}

void TunnelEnd::receive_datagram(Frame datagram, Time now) {
  receiving_.receive(std::move(datagram), now);
}

void TunnelEnd::decapsulate(Frame datagram, Time now) {
  constexpr uint32_t kNeeded = TunnelHeader::kSize + TunnelHeader::kTagSize;
  datagram.make_contiguous(std::min(kNeeded, datagram.size()));
  const std::optional<TunnelHeader> header = TunnelHeader::read(datagram.headers());
  if (!header) {
    counters_.drops.count(DropReason::kMalformed);
    return;
  }
  if (header->session != spec_.receive_session) {
    counters_.drops.count(DropReason::kWrongSession);
    return;
  }
  std::array<std::byte, TunnelHeader::kTagSize> tag;
  write_tag(header->session, header->counter, tag.data());
  const bool authentic =
      header->is_encrypted() == spec_.encrypted &&
      (!spec_.encrypted ||
       std::memcmp(datagram.headers().data() + TunnelHeader::kSize, tag.data(), tag.size()) == 0);
  if (!authentic) {
    counters_.drops.count(DropReason::kUnauthentic);
    return;
  }
  if (header->is_super()) {
    counters_.drops.count(DropReason::kUnsupported);
    return;
  }
  if (!replays_.accept(header->counter)) {
    counters_.drops.count(DropReason::kReplayed);
    return;
  }
  datagram.pull_front(header->overhead());
  // The outer checksum says nothing about those inside, which were made elsewhere.
  datagram.set_checksum_good(false);
  Frame frame = header->chunks == 1 && datagram.size() == header->total
                    ? std::move(datagram)
                    : reassembly_.add(*header, std::move(datagram), counters_.drops);
  if (!frame) return;
  ++counters_.frames_delivered;
  counters_.datagrams_delivered += header->chunks;
  inside_.receive(std::move(frame), now);
}

void TunnelEnd::check_conservation() const {
  CHECK_MESSAGE(
      sending_.received() + receiving_.received() ==
          counters_.frames_sent + counters_.datagrams_delivered + counters_.drops.total() + held(),
      entity_.name());
}

}  // namespace violin
