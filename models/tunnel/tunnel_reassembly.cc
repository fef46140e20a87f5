#include "models/tunnel/tunnel_reassembly.hh"

#include <algorithm>
#include <bit>
#include <utility>

namespace violin {
namespace {

// Orders the chunks of a frame in a FrameQueue: the stamp belongs to whoever holds the frame.
Time stamp_of(uint16_t offset) { return Time::from_ns(offset); }

void drop_parts(FrameQueue& parts, DropReason reason, DropCounters& drops) {
  while (!parts.empty()) {
    parts.pop_front();
    drops.count(reason);
  }
}

}  // namespace

TunnelReassembly::Partial& TunnelReassembly::find_or_replace(const TunnelHeader& header,
                                                             DropCounters& drops) {
  Partial* oldest = &partials_[0];
  for (Partial& partial : partials_) {
    if (partial.chunks != 0 && partial.frame_id == header.frame_id()) return partial;
    if (partial.age < oldest->age) oldest = &partial;
  }
  drop_parts(oldest->parts, DropReason::kReassemblyTimeout, drops);
  oldest->frame_id = header.frame_id();
  oldest->total = header.total;
  oldest->chunks = header.chunks;
  oldest->received = 0;
  oldest->age = next_age_++;
  return *oldest;
}

Frame TunnelReassembly::add(const TunnelHeader& header, Frame chunk, DropCounters& drops) {
  Partial& partial = find_or_replace(header, drops);
  const uint64_t bit = uint64_t{1} << header.chunk;
  const bool consistent = partial.total == header.total && partial.chunks == header.chunks &&
                          header.offset + chunk.size() <= header.total;
  if (!consistent || (partial.received & bit) != 0) {
    drops.count(consistent ? DropReason::kReplayed : DropReason::kMalformed);
    return {};
  }
  partial.received |= bit;
  partial.parts.insert_by_stamp(std::move(chunk), stamp_of(header.offset));
  if (std::popcount(partial.received) < partial.chunks) return {};
  const uint32_t parts = partial.parts.size();
  Frame whole = join(partial);
  if (!whole) {
    for (uint32_t i = 0; i < parts; ++i) drops.count(DropReason::kMalformed);
  }
  return whole;
}

uint32_t TunnelReassembly::held() const {
  uint32_t held = 0;
  for (const Partial& partial : partials_) held += partial.parts.size();
  return held;
}

Frame TunnelReassembly::join(Partial& partial) {
  partial.chunks = 0;
  partial.age = 0;
  Frame whole = partial.parts.pop_front();
  Payload payload = whole.payload();
  bool contiguous = true;
  uint32_t size = whole.size();
  std::array<std::byte, 65'536> bytes;
  while (!partial.parts.empty()) {
    const Time offset = partial.parts.front_stamp();
    Frame part = partial.parts.pop_front();
    if (offset.ns() != size) {  // a hole or an overlap: not the chunks of one frame
      partial.parts.clear();
      return {};
    }
    if (contiguous && !payload.extend(part.slice(0, part.size()))) {
      contiguous = false;
      payload.copy_to({bytes.data(), payload.size()});
    }
    if (!contiguous) part.copy_to({bytes.data() + size - whole.header_size(), part.size()});
    size += part.size();
  }
  if (size != partial.total) return {};
  if (!contiguous) {
    payload = Payload::of_bytes(whole.pools(), {bytes.data(), size - whole.header_size()});
  }
  whole.set_payload(std::move(payload));
  return whole;
}

}  // namespace violin
