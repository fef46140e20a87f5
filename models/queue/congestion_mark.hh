#pragma once

#include <algorithm>
#include <cstdint>

#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// Sets "congestion experienced" in an ECN-capable frame (RFC 3168) and says so to `events`; false
// when the frame cannot carry it. The IPv4 header's checksum is kept right and no other covers the
// bits, so what vouched for the frame's checksums still does.
inline bool mark_instead_of_dropping(Frame& frame, Time now, QueueEvents& events) {
  constexpr uint32_t kNeeded = EthernetHeader::kSize + Ipv4Header::kSize;
  if (!frame.make_contiguous(std::min(frame.size(), kNeeded))) return false;
  if (!mark_congestion(frame.headers())) return false;
  events.queue_marked(now);
  return true;
}

}  // namespace violin
