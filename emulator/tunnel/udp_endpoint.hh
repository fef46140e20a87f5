#pragma once

#include <compare>
#include <cstdint>

#include "core/addresses.hh"

namespace violin {

// Where a UDP socket of an overlay host is reached.
struct UdpEndpoint {
  IpAddress address;
  uint16_t port = 0;

  auto operator<=>(const UdpEndpoint&) const = default;
};

}  // namespace violin
