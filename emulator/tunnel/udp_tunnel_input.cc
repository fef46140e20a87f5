#include <algorithm>
#include <cstring>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "emulator/tunnel/udp_tunnel.hh"

// The receiving half of UdpTunnel.

namespace violin {
namespace {

// Bytes of a received frame that go where headers are parsed, the rest is payload.
constexpr uint32_t kInlineBytes = 128;

std::span<std::byte> datagram_at(std::span<std::byte> datagrams, uint32_t stride, uint32_t i) {
  const size_t at = size_t{stride} * i;
  return datagrams.subspan(at, std::min<size_t>(stride, datagrams.size() - at));
}

}  // namespace

size_t UdpTunnel::receive_datagrams(std::span<std::byte> datagrams, uint32_t stride,
                                    const SocketAddress& from, Time now) {
  const std::span<std::byte> first = datagram_at(datagrams, stride, 0);
  const std::optional<TunnelHeader> header = TunnelHeader::read(first);
  if (!header) {
    counters_.drops.count(DropReason::kMalformed);
    return first.size();
  }
  TunnelSession* session = find(header->session);
  CHECK(session != nullptr);
  const uint32_t count = chunks_at_hand(*header, datagrams, stride);
  uint64_t admitted = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const bool good = admit(*session, datagram_at(datagrams, stride, i), from);
    admitted |= uint64_t{good} << i;
  }
  const size_t used = std::min(datagrams.size(), size_t{stride} * count);
  if (admitted == 0) return used;
  if (!session->heard) {
    session->heard = true;
    if (keeper_ != nullptr) keeper_->session_heard(*this, header->session);
  }
  try {
    pass_on(*header, *session, {datagrams.first(used), stride, count, admitted}, now);
  } catch (const PoolExhausted&) {
    counters_.drops.count(DropReason::kNoBuffer);
  }
  return used;
}

// What was admitted of a run of datagrams: the frame, when its chunks are all there.
void UdpTunnel::pass_on(const TunnelHeader& first, TunnelSession& session, const Run& run,
                        Time now) {
  const bool all = run.admitted == ~uint64_t{0} >> (64 - run.count);
  if (all && run.count == first.chunks) {
    join_chunks(first, run.datagrams, run.stride, now);
    return;
  }
  for (uint32_t i = 0; i < run.count; ++i) {
    if ((run.admitted >> i & 1) == 0) continue;
    const std::span<std::byte> datagram = datagram_at(run.datagrams, run.stride, i);
    const TunnelHeader own = *TunnelHeader::read(datagram);
    Frame whole = session.reassembly.add(
        own, Frame::from_bytes(pools_, datagram.subspan(own.overhead())), counters_.drops);
    if (whole) deliver(own, std::move(whole), now);
  }
}

// How many datagrams from the first on are the chunks of one frame, all of them: the usual case.
// One when they are not.
uint32_t UdpTunnel::chunks_at_hand(const TunnelHeader& first, std::span<const std::byte> datagrams,
                                   uint32_t stride) const {
  const uint32_t full = stride - first.overhead();
  if (first.chunk != 0 || first.chunks == 1 || stride <= first.overhead()) return 1;
  const uint64_t before_last = uint64_t{full} * (first.chunks - 1u);
  if (before_last >= first.total || first.total - before_last > full ||
      datagrams.size() <
          size_t{stride} * (first.chunks - 1u) + first.overhead() + first.total - before_last) {
    return 1;
  }
  for (uint32_t i = 1; i < first.chunks; ++i) {
    const std::optional<TunnelHeader> next =
        TunnelHeader::read(datagrams.subspan(size_t{i} * stride));
    if (!next || next->session != first.session || next->counter != first.counter + i ||
        next->chunk != i || next->kind != first.kind || next->total != first.total ||
        next->offset != i * full) {
      return 1;
    }
  }
  return first.chunks;
}

bool UdpTunnel::admit(TunnelSession& session, std::span<std::byte> datagram,
                      const SocketAddress& from) {
  const std::optional<TunnelHeader> header = TunnelHeader::read(datagram);
  const bool authentic = header && header->is_encrypted() == session.opener.has_value() &&
                         (!session.opener || session.opener->open(datagram));
  if (!authentic) {
    counters_.drops.count(DropReason::kUnauthentic);
    return false;
  }
  if (!session.replays.accept(header->counter)) {
    counters_.drops.count(DropReason::kReplayed);
    return false;
  }
  // The peer has moved. Only what is sealed can say so: anybody could copy a plain datagram.
  if (session.opener && !(from == session.peer)) session.peer = from;
  return true;
}

void UdpTunnel::join_chunks(const TunnelHeader& first, std::span<const std::byte> datagrams,
                            uint32_t stride, Time now) {
  const uint32_t skip = first.overhead();
  if (first.chunks == 1) {
    const std::span<const std::byte> bytes = datagrams.subspan(skip);
    if (bytes.size() != first.total) {
      counters_.drops.count(DropReason::kMalformed);
      return;
    }
    deliver(first, Frame::from_bytes(pools_, bytes), now);
    return;
  }
  Frame frame = Frame::allocate(pools_);
  const uint32_t full = stride - skip;
  const uint32_t inline_size = std::min(kInlineBytes, full);
  std::memcpy(frame.append(inline_size), datagrams.data() + skip, inline_size);
  Slot* slot = pools_.take_slot(first.total - inline_size);
  std::byte* to = slot->bytes();
  for (uint32_t i = 0; i < first.chunks; ++i) {
    const uint32_t taken = i == 0 ? inline_size : 0;
    const uint32_t size = std::min(full, first.total - i * full) - taken;
    std::memcpy(to, datagrams.data() + size_t{i} * stride + skip + taken, size);
    to += size;
  }
  frame.set_payload(Payload::of_slot(slot, 0, first.total - inline_size));
  deliver(first, std::move(frame), now);
}

void UdpTunnel::deliver(const TunnelHeader& header, Frame frame, Time now) {
  if (header.is_super()) {
    if (!frame.make_contiguous(TunnelHeader::kSuperPrefix)) {
      counters_.drops.count(DropReason::kMalformed);
      return;
    }
    frame.set_gso_size(load_be16(frame.headers().data()));
    frame.pull_front(TunnelHeader::kSuperPrefix);
    frame.set_checksum_good(frame.gso_size() != 0);
  }
  ++counters_.frames_delivered;
  counters_.datagrams_delivered += header.chunks;
  inside_.receive(std::move(frame), now);
}

}  // namespace violin
