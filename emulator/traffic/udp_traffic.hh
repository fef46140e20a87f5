#pragma once

#include <string>

#include "emulator/traffic/traffic_spec.hh"

// The UDP half of `violin traffic`: the datagrams of models (models/workload/udp_datagram.hh). Both
// return what they measured as one JSON object, traffic_output.hh, and throw std::system_error when
// they cannot begin.

namespace violin {

// Counts what comes until the end of the scenario or an interruption. A datagram whose data is not
// what the sender's name and number say has not come.
std::string receive_udp(const TrafficSpec& spec);

// Sends at a constant rate from `at` until `stop`. Late, because the processor was elsewhere, it
// sends what has become due at once.
std::string send_udp(const TrafficSpec& spec);

}  // namespace violin
