#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/addresses.hh"
#include "core/time.hh"
#include "core/units.hh"
#include "models/workload/measurement.hh"

namespace violin {

// What `violin traffic` is asked to do: one half of a tcp or udp workload whose other half is a
// model's. Times are those of the scenario.
struct TrafficSpec {
  std::string name;   // of the workload: the other half has the same
  IpAddress address;  // of the receiving node, to listen at or to send to
  uint16_t port = 0;
  int64_t zero_ns = 0;        // CLOCK_MONOTONIC at scenario time 0
  Time at;                    // when a sender begins
  Time stop;                  // when a sender has no more to send
  Time until;                 // when everything is over
  MeasureWindow window;       // of a receiver's window_bytes
  std::string congestion;     // of a TCP sender, as Linux calls it; empty = the kernel's default
  std::optional<Bytes> size;  // of a TCP flow; nothing = as much as goes until `stop`
  Bytes datagram;             // UDP data per datagram
  BitRate rate;               // of UDP data
};

}  // namespace violin
