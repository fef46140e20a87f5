#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/ethernet.hh"
#include "core/ip_header.hh"
#include "models/queue/queue_discipline.hh"

namespace violin {

// Sets "congestion experienced" in an ECN-capable frame (RFC 3168) and says so to `events`; false
// when the frame cannot carry it. As flow_hash.hh it looks behind at most one VLAN tag. The IPv4
// header's checksum is kept right and no other covers the bits, so what vouched for the frame's
// checksums still does.
inline bool mark_instead_of_dropping(Frame& frame, Time now, QueueEvents& events) {
  constexpr uint32_t kVlanTag = 4;
  constexpr size_t kEtherTypeAt = 12;
  constexpr uint32_t kNeeded = EthernetHeader::kSize + kVlanTag + Ipv4Header::kSize;
  if (!frame.make_contiguous(std::min(frame.size(), kNeeded))) return false;
  const std::span<std::byte> bytes = frame.headers();
  // Behind the tag stand the EtherType and the packet as they would without it.
  const bool is_tagged = bytes.size() >= EthernetHeader::kSize + kVlanTag &&
                         load_be16(bytes.data() + kEtherTypeAt) == ether_type::kVlan;
  if (!mark_congestion(is_tagged ? bytes.subspan(kVlanTag) : bytes)) return false;
  events.queue_marked(now);
  return true;
}

}  // namespace violin
