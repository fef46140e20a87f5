#pragma once

#include <string>

#include "emulator/traffic/traffic_spec.hh"

// The TCP half of `violin traffic`: the bytes of models (models/workload/tcp_flow_stream.hh) over a
// kernel's connections. Both return what they measured as one JSON object, traffic_output.hh, and
// throw std::system_error when they cannot begin.

namespace violin {

// Reads every flow that comes, each byte verified, until the end of the scenario or an
// interruption. At most kTrafficFlowsMax flows at once, further ones wait.
inline constexpr size_t kTrafficFlowsMax = 512;
std::string receive_tcp(const TrafficSpec& spec);

// Sends one flow. It is finished when the last byte was acknowledged.
std::string send_tcp(const TrafficSpec& spec);

}  // namespace violin
