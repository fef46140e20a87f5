#include "emulator/realtime/tap_port.hh"

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/ip_header.hh"
#include "emulator/virtio/vnet_header.hh"

namespace violin {
namespace {

// A TAP may hand over more than any frame here can hold; the rest must not be lost silently.
constexpr uint32_t kPayloadMax = 65'535;
// Below this a copy into a small slot costs less than a whole large one that waits in a queue.
constexpr uint32_t kSmallPayload = 2'048;

}  // namespace

TapPort::TapPort(TapDevice tap, Realtime& realtime, BufferPools& pools, PortOwner& owner, int index)
    : GatheringPort(realtime, owner, index), tap_(std::move(tap)), pools_(pools) {
  realtime_.add_input(tap_.fd(), *this);
}

TapPort::~TapPort() {
  if (is_there_) realtime_.remove_input(tap_.fd());
  if (spare_ != nullptr) pools_.give_back(spare_);
}

size_t TapPort::read_input(Time now) {
  size_t frames = 0;
  while (frames < kBurst && read_one(now)) ++frames;
  return frames;
}

bool TapPort::read_one(Time now) try {
  if (spare_ == nullptr) spare_ = pools_.take_slot(kPayloadMax);
  Frame frame = Frame::allocate(pools_);
  VnetHeader header;
  const std::array<iovec, 3> parts{{{&header, sizeof header},
                                    {frame.append(Frame::kInlineBytes), Frame::kInlineBytes},
                                    {spare_->bytes(), kPayloadMax}}};
  const ssize_t got = ::readv(tap_.fd(), parts.data(), parts.size());
  if (got < 0 && errno == EBADFD) lose_device();
  if (got < static_cast<ssize_t>(sizeof header)) return false;
  const auto size = static_cast<uint32_t>(got - static_cast<ssize_t>(sizeof header));
  if (size > Frame::kInlineBytes) {
    frame.set_payload(take_payload(size - Frame::kInlineBytes));
  } else {
    frame.truncate(size);
  }
  if (!finish_received(frame, header)) {
    owner_.port_dropped(index_, DropReason::kMalformed);
    return true;
  }
  owner_.port_received(index_, std::move(frame), now);
  return true;
} catch (const PoolExhausted&) {
  // What stays in the kernel's queue is dropped there when that is full, too.
  std::array<std::byte, 2048> discarded;
  if (::read(tap_.fd(), discarded.data(), discarded.size()) <= 0) return false;
  owner_.port_dropped(index_, DropReason::kNoBuffer);
  return true;
}

// Root of a namespace may remove its interface. Its descriptor would be readable for ever.
void TapPort::lose_device() {
  realtime_.remove_input(tap_.fd());
  is_there_ = false;
  give_up();
}

Payload TapPort::take_payload(uint32_t size) {
  if (size <= kSmallPayload) return Payload::of_bytes(pools_, {spare_->bytes(), size});
  return Payload::of_slot(std::exchange(spare_, nullptr), 0, size);
}

// ---- to the kernel ----------------------------------------------------------------------------

bool TapPort::may_gather(const TransportLayout& layout) const {
  return layout.protocol == ip_protocol::kTcp || tap_.takes_udp_super_frames();
}

TapPort::Given TapPort::give(FrameTrain& train) {
  VnetHeader header = vnet_header_of(train);
  // The header's, and two for each frame.
  std::array<iovec, 2 + 2 * FrameTrain::kFramesMax> parts;
  parts[0] = {&header, sizeof header};
  parts[1] = {train.headers().data(), train.headers().size()};
  size_t count = 2;
  for (uint32_t i = 0; i < train.frames(); ++i) {
    for (const std::span<const std::byte> piece : train.payload(i).piece) {
      if (!piece.empty()) parts[count++] = {const_cast<std::byte*>(piece.data()), piece.size()};
    }
  }
  return write_parts({parts.data(), count});
}

TapPort::Given TapPort::give(Frame& frame) {
  VnetHeader header = vnet_header_of(frame);
  const std::span<const std::byte> payload = frame.payload().stored();
  const std::array<iovec, 3> parts{{{&header, sizeof header},
                                    {frame.headers().data(), frame.header_size()},
                                    {const_cast<std::byte*>(payload.data()), payload.size()}}};
  return write_parts({parts.data(), payload.empty() ? 2u : 3u});
}

// Its kernel queues by itself, and drops what is too much.
TapPort::Given TapPort::write_parts(std::span<const iovec> parts) {
  const ssize_t written = ::writev(tap_.fd(), parts.data(), static_cast<int>(parts.size()));
  return written >= 0 ? Given::kTaken : Given::kRefused;
}

}  // namespace violin
