#include "emulator/realtime/tap_port.hh"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "emulator/realtime/vnet_header.hh"

namespace violin {
namespace {

// What goes into the frame itself: every header that is parsed fits.
constexpr uint32_t kInlineBytes = 128;
// A TAP may hand over more than any frame here can hold; the rest must not be lost silently.
constexpr uint32_t kPayloadMax = 65'535;
// Below this a copy into a small slot costs less than a whole large one that waits in a queue.
constexpr uint32_t kSmallPayload = 2'048;

}  // namespace

TapPort::TapPort(TapDevice tap, BufferPools& pools, PortOwner& owner, int index)
    : tap_(std::move(tap)), pools_(pools), owner_(owner), index_(index) {}

TapPort::~TapPort() {
  if (spare_ != nullptr) pools_.give_back(spare_);
}

void TapPort::read_input(Time now) {
  for (int i = 0; i < kBurst; ++i) {
    if (!read_one(now)) return;
  }
}

bool TapPort::read_one(Time now) try {
  if (spare_ == nullptr) spare_ = pools_.take_slot(kPayloadMax);
  Frame frame = Frame::allocate(pools_);
  VnetHeader header;
  const std::array<iovec, 3> parts{{{&header, sizeof header},
                                    {frame.append(kInlineBytes), kInlineBytes},
                                    {spare_->bytes(), kPayloadMax}}};
  const ssize_t got = ::readv(tap_.fd(), parts.data(), parts.size());
  if (got < static_cast<ssize_t>(sizeof header)) return false;
  const auto size = static_cast<uint32_t>(got - static_cast<ssize_t>(sizeof header));
  if (size > kInlineBytes) {
    frame.set_payload(take_payload(size - kInlineBytes));
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

bool TapPort::write(Frame frame) {
  VnetHeader header = vnet_header_of(frame);
  std::span<const std::byte> payload = frame.payload().stored();
  if (payload.size() < frame.payload().size()) {
    scratch_.resize(frame.payload().size());
    frame.payload().copy_to(scratch_);
    payload = scratch_;
  }
  const std::array<iovec, 3> parts{{{&header, sizeof header},
                                    {frame.headers().data(), frame.header_size()},
                                    {const_cast<std::byte*>(payload.data()), payload.size()}}};
  return ::writev(tap_.fd(), parts.data(), payload.empty() ? 2 : 3) >= 0;
}

}  // namespace violin
