#pragma once

#include <cstdint>

#include "core/addresses.hh"
#include "core/ip_header.hh"

namespace violin {

// What the IP header said of a packet that is handed up; the frame then starts behind it and ends
// where the packet ends.
struct IpReceived {
  IpAddress source;
  IpAddress destination;
  uint8_t protocol = 0;
  uint8_t ttl = 0;  // hop limit in IPv6
  uint8_t dscp = 0;
  Ecn ecn = Ecn::kNotCapable;
};

}  // namespace violin
