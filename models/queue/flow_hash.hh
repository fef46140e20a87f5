#pragma once

#include <cstdint>

#include "core/frame.hh"

namespace violin {

// A hash of what makes frames one flow, read from the frame's bytes: IP source, destination and
// protocol, and the ports of TCP and UDP (RFC 8290 section 4.1), behind at most one VLAN tag. A
// fragment has no ports that can be relied on, so it is hashed without; an IPv6 packet with
// extension headers likewise. What is not IP is one flow per pair of MAC addresses and EtherType. A
// tunnel's frames are one flow per pair of tunnel ends, as a router in the underlay sees them.
// `perturbation` makes the hash this queue's own.
uint64_t flow_hash(const Frame& frame, uint64_t perturbation);

}  // namespace violin
