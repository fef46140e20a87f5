#include "emulator/tunnel/udp_tunnel.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "core/ip_header.hh"
#include "core/segmentation.hh"
#include "core/transport_header.hh"
#include "emulator/tunnel/frame_slice.hh"
#include "emulator/tunnel/tunnel_carrier.hh"

namespace violin {

UdpTunnel::UdpTunnel(std::string name, const Options& options, TunnelCarrier& carrier,
                     BufferPools& pools, FrameSink& inside)
    : name_(std::move(name)), options_(options), carrier_(carrier), pools_(pools), inside_(inside) {
  options_.spec.encrypted = options_.encryption != Encryption::kNone;
  carrier_.add_member(*this);
}

UdpTunnel::~UdpTunnel() {
  drop_all_sessions();
  carrier_.remove_member(*this);
}

// ---- sessions ---------------------------------------------------------------------------------

void UdpTunnel::add_session(const JoinSession& keys, const SocketAddress& peer) {
  if (sessions_.size() == kSessionsMax) drop_session(sessions_.front()->receive_session);
  sessions_.push_back(std::make_unique<TunnelSession>(keys, options_.encryption, peer));
  carrier_.attach(keys.receive_session, *this);
}

TunnelSession* UdpTunnel::find(uint64_t receive_session) {
  for (const std::unique_ptr<TunnelSession>& session : sessions_) {
    if (session->receive_session == receive_session) return session.get();
  }
  return nullptr;
}

void UdpTunnel::send_under(uint64_t receive_session) {
  if (TunnelSession* session = find(receive_session)) sending_ = session;
}

void UdpTunnel::drop_session(uint64_t receive_session) {
  TunnelSession* session = find(receive_session);
  if (session == nullptr) return;
  if (sending_ == session) sending_ = nullptr;
  carrier_.detach(receive_session);
  std::erase_if(sessions_, [&](const auto& held) { return held.get() == session; });
}

void UdpTunnel::drop_all_sessions() {
  while (!sessions_.empty()) drop_session(sessions_.back()->receive_session);
}

std::vector<uint64_t> UdpTunnel::other_sessions(uint64_t receive_session) const {
  std::vector<uint64_t> others;
  for (const std::unique_ptr<TunnelSession>& session : sessions_) {
    if (session->receive_session != receive_session) others.push_back(session->receive_session);
  }
  return others;
}

// ---- sending ----------------------------------------------------------------------------------

bool UdpTunnel::may_travel_whole(const Frame& frame) const {
  const uint32_t total = frame.size() + TunnelHeader::kSuperPrefix;
  return options_.whole && total <= 0xffff &&
         total <= options_.spec.chunk_size_max() * TunnelHeader::kChunksMax &&
         is_sound_super_frame(frame);
}

void UdpTunnel::receive(Frame frame, Time now) {
  if (sending_ == nullptr) {
    counters_.drops.count(DropReason::kNoTunnel);
    return;
  }
  if (frame.gso_size() != 0 && !may_travel_whole(frame)) {
    segment(std::move(frame), [&](Frame part) { send(std::move(part), now); });
    return;
  }
  send(std::move(frame), now);
}

void UdpTunnel::send(Frame frame, Time now) {
  const bool is_super = frame.gso_size() != 0;
  if (is_super) {
    std::byte* prefix = frame.push_front(TunnelHeader::kSuperPrefix);
    store_be16(prefix, frame.gso_size());
    store_be16(prefix + 2, 0);
  }
  frame.store_payload();  // it is sent from where it lies
  const uint32_t total = frame.size();
  const uint32_t chunks =
      std::max(1u, (total + options_.spec.chunk_size_max() - 1) / options_.spec.chunk_size_max());
  if (chunks > TunnelHeader::kChunksMax || total > 0xffff) {
    counters_.drops.count(DropReason::kTooLongForLink);
    return;
  }
  ++counters_.frames_sent;
  counters_.datagrams_sent += chunks;
  // Super-frames differ in length: only full chunks are of one size from frame to frame, so that
  // the kernel can join them.
  const uint32_t chunk_size =
      is_super ? options_.spec.chunk_size_max() : (total + chunks - 1) / chunks;
  TunnelHeader header;
  if (is_super) header.kind |= TunnelHeader::kSuper;
  if (sending_->sealer) header.kind |= TunnelHeader::kEncrypted;
  header.chunks = static_cast<uint8_t>(chunks);
  header.total = static_cast<uint16_t>(total);
  header.session = sending_->send_session;
  header.sent = now + options_.lead;
  for (uint32_t i = 0; i < chunks; ++i) {
    header.chunk = static_cast<uint8_t>(i);
    header.offset = static_cast<uint16_t>(i * chunk_size);
    header.counter = sending_->next_counter++;
    send_chunk(header, frame, std::min(chunk_size, total - header.offset));
  }
  carrier_.batch().keep(std::move(frame));
}

void UdpTunnel::send_chunk(const TunnelHeader& header, const Frame& frame, uint32_t size) {
  if (!sending_->sealer) {
    std::array<std::byte, TunnelHeader::kSize> bytes;
    header.write(bytes.data());
    carrier_.batch().add(sending_->peer, bytes, frame, header.offset, size);
    return;
  }
  std::byte* datagram =
      carrier_.batch().add_buffer(sending_->peer, options_.spec.overhead() + size).data();
  header.write(datagram);
  const FrameSlice slice(frame, header.offset, size);
  sending_->sealer->seal(datagram, slice.pieces());
}

}  // namespace violin
