#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/segmentation.hh"
#include "emulator/tunnel/frame_hold.hh"
#include "emulator/tunnel/udp_tunnel.hh"

// The receiving half of UdpTunnel.

namespace violin {
namespace {

// The header of the datagram `i` behind the first, when it is a chunk of the same frame.
TunnelHeader header_behind(TunnelHeader first, uint32_t i, uint32_t chunk_size) {
  first.chunk = static_cast<uint8_t>(first.chunk + i);
  first.counter += i;
  first.offset = static_cast<uint16_t>(first.offset + i * chunk_size);
  return first;
}

// Takes the prefix of a super-frame away. False when it, or the frame behind it, is none that the
// other end can have sent: authentic is what a member sends, but not every member means well.
bool unwrap_super_frame(Frame& frame) {
  if (!frame.make_contiguous(TunnelHeader::kSuperPrefix)) return false;
  const std::byte* prefix = frame.headers().data();
  frame.set_gso_size(load_be16(prefix));
  const bool is_padded_with_zero = load_be16(prefix + 2) == 0;
  frame.pull_front(TunnelHeader::kSuperPrefix);
  frame.set_checksum_good(true);
  return is_padded_with_zero && is_sound_super_frame(frame);
}

}  // namespace

size_t UdpTunnel::receive_datagrams(const TunnelHeader& first, std::span<std::byte> datagrams,
                                    uint32_t stride, const SocketAddress& from, Time now) {
  TunnelSession* session = find(first.session);
  CHECK(session != nullptr);
  Run run{datagrams, stride};
  run.count = chunks_at_hand(first, run);
  run.datagrams = datagrams.first(std::min(datagrams.size(), size_t{stride} * run.count));
  for (uint32_t i = 0; i < run.count; ++i) {
    const TunnelHeader header = header_behind(first, i, stride - first.overhead());
    run.admitted |= uint64_t{admit(*session, header, run.at(i), from)} << i;
  }
  if (run.admitted == 0) return run.datagrams.size();
  if (!session->heard) {
    session->heard = true;
    if (keeper_ != nullptr) keeper_->session_heard(*this, first.session);
  }
  try {
    pass_on(first, *session, run, now);
  } catch (const PoolExhausted&) {
    counters_.drops.count(DropReason::kNoBuffer);
  }
  return run.datagrams.size();
}

// What was admitted of a run of datagrams: the frame, when its chunks are all there.
void UdpTunnel::pass_on(const TunnelHeader& first, TunnelSession& session, const Run& run,
                        Time now) {
  const bool all = run.admitted == ~uint64_t{0} >> (64 - run.count);
  if (all && run.count == first.chunks) {
    join_chunks(first, run, now);
    return;
  }
  for (uint32_t i = 0; i < run.count; ++i) {
    if ((run.admitted >> i & 1) == 0) continue;
    const TunnelHeader own = header_behind(first, i, run.stride - first.overhead());
    Frame whole = session.reassembly.add(
        own, Frame::from_bytes(pools_, run.at(i).subspan(own.overhead())), counters_.drops);
    if (whole) deliver(own, std::move(whole), now);
  }
}

// How many datagrams from the first on are the chunks of one frame, all of them: the usual case.
// One when they are not.
uint32_t UdpTunnel::chunks_at_hand(const TunnelHeader& first, const Run& run) {
  if (first.chunk != 0 || first.chunks == 1 || run.stride <= first.overhead()) return 1;
  const uint32_t full = run.stride - first.overhead();
  const uint64_t before_last = uint64_t{full} * (first.chunks - 1u);
  if (before_last >= first.total || first.total - before_last > full ||
      run.datagrams.size() <
          size_t{run.stride} * (first.chunks - 1u) + first.overhead() + first.total - before_last) {
    return 1;
  }
  std::array<std::byte, TunnelHeader::kSize> expected;
  for (uint32_t i = 1; i < first.chunks; ++i) {
    header_behind(first, i, full).write(expected.data());
    if (std::memcmp(run.at(i).data(), expected.data(), expected.size()) != 0) return 1;
  }
  return first.chunks;
}

bool UdpTunnel::admit(TunnelSession& session, const TunnelHeader& header,
                      std::span<std::byte> datagram, const SocketAddress& from) {
  const bool authentic = header.is_encrypted() == session.opener.has_value() &&
                         (!session.opener || session.opener->open(datagram));
  if (!authentic) {
    counters_.drops.count(DropReason::kUnauthentic);
    return false;
  }
  if (!session.replays.accept(header.counter)) {
    counters_.drops.count(DropReason::kReplayed);
    return false;
  }
  // The peer has moved. Only what is sealed can say so: anybody could copy a plain datagram.
  if (session.opener && !(from == session.peer)) session.peer = from;
  return true;
}

void UdpTunnel::join_chunks(const TunnelHeader& first, const Run& run, Time now) {
  const uint32_t skip = first.overhead();
  if (first.chunks == 1) {
    const std::span<const std::byte> bytes = run.at(0).subspan(skip);
    if (bytes.size() != first.total) {
      counters_.drops.count(DropReason::kMalformed);
      return;
    }
    deliver(first, Frame::from_bytes(pools_, bytes), now);
    return;
  }
  Frame frame = Frame::allocate(pools_);
  const uint32_t full = run.stride - skip;
  const uint32_t inline_size = std::min(Frame::kInlineBytes, full);
  std::memcpy(frame.append(inline_size), run.datagrams.data() + skip, inline_size);
  Slot* slot = pools_.take_slot(first.total - inline_size);
  std::byte* to = slot->bytes();
  for (uint32_t i = 0; i < first.chunks; ++i) {
    const uint32_t taken = i == 0 ? inline_size : 0;
    const uint32_t size = std::min(full, first.total - i * full) - taken;
    std::memcpy(to, run.at(i).data() + skip + taken, size);
    to += size;
  }
  frame.set_payload(Payload::of_slot(slot, 0, first.total - inline_size));
  deliver(first, std::move(frame), now);
}

void UdpTunnel::deliver(const TunnelHeader& header, Frame frame, Time now) {
  if (header.is_super() && !unwrap_super_frame(frame)) {
    counters_.drops.count(DropReason::kMalformed, header.chunks);
    return;
  }
  ++counters_.frames_delivered;
  counters_.datagrams_delivered += header.chunks;
  if (options_.hold != nullptr) {
    options_.hold->take(std::move(frame), header.sent, now);
  } else {
    inside_.receive(std::move(frame), now);
  }
}

}  // namespace violin
