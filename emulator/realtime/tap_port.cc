#include "emulator/realtime/tap_port.hh"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/ip_header.hh"
#include "emulator/realtime/vnet_header.hh"

namespace violin {
namespace {

// A TAP may hand over more than any frame here can hold; the rest must not be lost silently.
constexpr uint32_t kPayloadMax = 65'535;
// Below this a copy into a small slot costs less than a whole large one that waits in a queue.
constexpr uint32_t kSmallPayload = 2'048;

}  // namespace

TapPort::TapPort(TapDevice tap, Realtime& realtime, BufferPools& pools, PortOwner& owner, int index)
    : tap_(std::move(tap)), realtime_(realtime), pools_(pools), owner_(owner), index_(index) {
  realtime_.add_input(tap_.fd(), *this);
}

TapPort::~TapPort() {
  realtime_.remove_input(tap_.fd());
  realtime_.forget(*this);
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

Payload TapPort::take_payload(uint32_t size) {
  if (size <= kSmallPayload) return Payload::of_bytes(pools_, {spare_->bytes(), size});
  return Payload::of_slot(std::exchange(spare_, nullptr), 0, size);
}

// ---- to the kernel ----------------------------------------------------------------------------

void TapPort::write(Frame frame, Time due) {
  const std::optional<TransportLayout> layout =
      realtime_.data_plane().gather && frame.gso_size() == 0 ? transport_layout(frame)
                                                             : std::nullopt;
  if (layout && may_gather(*layout)) {
    frame.store_payload();
    gather(std::move(frame), *layout, due);
    return;
  }
  // What it belongs to is not known: it may overtake nothing.
  flush();
  write_alone(std::move(frame), due);
}

bool TapPort::may_gather(const TransportLayout& layout) const {
  return layout.protocol == ip_protocol::kTcp || tap_.takes_udp_super_frames();
}

void TapPort::gather(Frame frame, const TransportLayout& layout, Time due) {
  for (size_t i = 0; i < used_; ++i) {
    FrameTrain& train = *trains_[i];
    if (!train.is_of_flow(frame, layout)) continue;
    if (due - train.due().front() <= kGatherMax && train.append(frame, layout, due)) return;
    write_train(train);
    std::rotate(trains_.begin() + static_cast<ptrdiff_t>(i),
                trains_.begin() + static_cast<ptrdiff_t>(i) + 1,
                trains_.begin() + static_cast<ptrdiff_t>(used_));
    --used_;
    break;
  }
  if (!FrameTrain::can_begin(frame, layout)) {
    write_alone(std::move(frame), due);
    return;
  }
  free_train().begin(std::move(frame), layout, due);
}

FrameTrain& TapPort::free_train() {
  if (used_ == kFlows) flush();
  if (used_ == trains_.size()) trains_.push_back(std::make_unique<FrameTrain>());
  if (used_ == 0) realtime_.flush_later(*this);
  return *trains_[used_++];
}

void TapPort::flush() {
  for (size_t i = 0; i < used_; ++i) write_train(*trains_[i]);
  used_ = 0;
}

uint64_t TapPort::frames_held() const {
  uint64_t held = 0;
  for (size_t i = 0; i < used_; ++i) held += trains_[i]->frames();
  return held;
}

void TapPort::write_train(FrameTrain& train) {
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
  longest_ = std::max(longest_, train.due().back() - train.due().front());
  write_parts({parts.data(), count}, train.due());
  train.clear();
}

void TapPort::write_alone(Frame frame, Time due) {
  VnetHeader header = vnet_header_of(frame);
  frame.store_payload();
  const std::span<const std::byte> payload = frame.payload().stored();
  const std::array<iovec, 3> parts{{{&header, sizeof header},
                                    {frame.headers().data(), frame.header_size()},
                                    {const_cast<std::byte*>(payload.data()), payload.size()}}};
  write_parts({parts.data(), payload.empty() ? 2u : 3u}, {&due, 1});
}

void TapPort::write_parts(std::span<const iovec> parts, std::span<const Time> due) {
  // Before the write, in which the guest's kernel may already do its own work with the frames.
  const Time at = realtime_.clock_now();
  const bool taken = ::writev(tap_.fd(), parts.data(), static_cast<int>(parts.size())) >= 0;
  owner_.port_wrote(index_, due, at, taken);
}

}  // namespace violin
