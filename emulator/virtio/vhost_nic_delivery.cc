#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/ip_header.hh"
#include "core/segmentation.hh"
#include "emulator/virtio/net_feature.hh"
#include "emulator/virtio/vhost_nic.hh"

// Frames on their way to the guest.

namespace violin {
namespace {

// Copies from the front of `frame`, and cuts that off, until there is no room or no frame left.
// How many bytes that were.
uint32_t fill(ChainCursor& room, std::span<std::span<const std::byte>>& frame) {
  uint32_t done = 0;
  while (!frame.empty() && room.left() > 0) {
    std::span<const std::byte>& part = frame.front();
    const std::span<std::byte> piece = room.next(part.size());
    if (!piece.empty()) std::memcpy(piece.data(), part.data(), piece.size());
    part = part.subspan(piece.size());
    done += static_cast<uint32_t>(piece.size());
    if (part.empty()) frame = frame.subspan(1);
  }
  return done;
}

}  // namespace

VhostNic::Delivery VhostNic::deliver(Frame&& frame) {
  if (!session_.is_sound(kReceive)) return Delivery::kNotRunning;
  const Virtqueue::Mark before = session_.queue(kReceive).mark();
  const VnetHeader header = vnet_header_of(frame);
  const bool is_whole =
      header.gso_type == VnetHeader::kGsoNone ? frame.gso_size() == 0 : takes(header);
  return finish_delivery(is_whole ? place(frame, header) : place_segments(frame.clone()), before);
}

VhostNic::Delivery VhostNic::deliver(FrameTrain& train) {
  if (!session_.is_sound(kReceive)) return Delivery::kNotRunning;
  const Virtqueue::Mark before = session_.queue(kReceive).mark();
  const VnetHeader header = vnet_header_of(train);
  std::array<std::span<const std::byte>, 1 + 2 * FrameTrain::kFramesMax> parts;
  parts[0] = train.headers();
  size_t count = 1;
  for (uint32_t i = 0; i < train.frames(); ++i) {
    for (const std::span<const std::byte> piece : train.payload(i).piece) parts[count++] = piece;
  }
  return finish_delivery(place(std::span(parts).first(count), train.size(), header), before);
}

VhostNic::Delivery VhostNic::finish_delivery(Delivery outcome, Virtqueue::Mark before) {
  if (!session_.is_sound(kReceive)) return Delivery::kNotRunning;
  if (outcome != Delivery::kDone) session_.queue(kReceive).go_back(before);
  return outcome;
}

bool VhostNic::awaits_room() {
  return !session_.is_sound(kReceive) || session_.queue(kReceive).ask_for_more();
}

bool VhostNic::takes(const VnetHeader& header) const {
  if ((header.gso_type & VnetHeader::kGsoEcn) != 0 && !agreed(net_feature::kGuestEcn)) return false;
  switch (header.gso_type & ~VnetHeader::kGsoEcn) {
    case VnetHeader::kGsoTcpV4:
      return agreed(net_feature::kGuestTso4);
    case VnetHeader::kGsoTcpV6:
      return agreed(net_feature::kGuestTso6);
    default:
      return agreed(net_feature::kGuestUso4) && agreed(net_feature::kGuestUso6);
  }
}

bool VhostNic::takes_super_frames(const TransportLayout& layout) const {
  if (layout.protocol == ip_protocol::kUdp)
    return agreed(net_feature::kGuestUso4) && agreed(net_feature::kGuestUso6);
  return agreed(layout.is_v6 ? net_feature::kGuestTso6 : net_feature::kGuestTso4) &&
         agreed(net_feature::kGuestEcn);
}

VhostNic::Delivery VhostNic::place(Frame& frame, const VnetHeader& header) {
  frame.store_payload();
  std::array<std::span<const std::byte>, 2> parts{frame.headers(), frame.payload().stored()};
  return place(parts, frame.size(), header);
}

VhostNic::Delivery VhostNic::place_segments(Frame frame) try {
  Delivery outcome = Delivery::kDone;
  segment(std::move(frame), [&](Frame part) {
    if (outcome == Delivery::kDone) outcome = place(part, vnet_header_of(part));
  });
  return outcome;
} catch (const PoolExhausted&) {
  return Delivery::kRefused;
}

// Buffers of the guest, as many as the frame needs, one behind the other.
VhostNic::Delivery VhostNic::place(Parts frame, uint32_t size, VnetHeader header) {
  if (!agreed(net_feature::kGuestCsum)) header.flags = 0;
  Virtqueue& queue = session_.queue(kReceive);
  std::array<std::byte*, 2> count_at{};  // where the guest is told the number of buffers
  for (uint16_t buffers = 1;; ++buffers) {
    const DescriptorChain* chain = queue.take();
    if (chain == nullptr) return Delivery::kNoBuffer;
    ChainCursor cursor(chain->writable);
    if (!chain->readable.empty() || cursor.left() < sizeof header) {
      session_.reset("a receive buffer that cannot be written to, or that has no room");
      return Delivery::kNotRunning;
    }
    const uint64_t room = cursor.left();
    if (buffers == 1) {
      for (const std::byte byte : std::as_bytes(std::span(&header, 1))) {
        count_at = {count_at[1], cursor.next(1).data()};
        *count_at[1] = byte;
      }
    }
    size -= fill(cursor, frame);
    queue.use(chain->head, static_cast<uint32_t>(room - cursor.left()));
    if (size == 0) {
      *count_at[0] = static_cast<std::byte>(buffers & 0xff);
      *count_at[1] = static_cast<std::byte>(buffers >> 8);
      return Delivery::kDone;
    }
    if (!agreed(net_feature::kMrgRxbuf)) return Delivery::kRefused;
  }
}

bool VhostNic::publish() {
  if (!session_.is_sound(kReceive)) return false;
  return session_.queue(kReceive).publish() && session_.interrupt(kReceive);
}

}  // namespace violin
