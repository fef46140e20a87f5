#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emulator/results/run_result.hh"
#include "models/workload/ping.hh"
#include "models/workload/tcp_sink.hh"
#include "models/workload/tcp_source.hh"
#include "models/workload/traceroute.hh"
#include "models/workload/udp_sink.hh"
#include "models/workload/udp_source.hh"

// What the two halves of a workload measured, in the form of results. A half that lies in another
// slice of the network is null, and what only it knows stays at its default.

namespace violin {

// `unloaded` is the round trip of its packets on an idle network, nothing where that is not known.
// Requests that could still be answered after `end` are counted as outstanding, those sent within
// `window`.
PingResult ping_outcome(const Ping& ping, std::optional<Duration> unloaded, Time end,
                        const MeasureWindow& window);

// The full name of the node that has an address; empty when none has.
using NodeOfAddress = std::function<std::string(const IpAddress&)>;
TracerouteResult traceroute_outcome(const Traceroute& trace, const NodeOfAddress& node_of);

// `window` is that of the workload, ending no later than the run.
UdpResult udp_outcome(const UdpSource* source, const UdpSink* sink, const MeasureWindow& window);

// One flow of a given size (`of_one_size`) is measured until it has arrived.
TcpResult tcp_outcome(const TcpSource* source, const TcpSink* sink, const MeasureWindow& window,
                      bool of_one_size);

// Bytes per bin as "goodput_bps" of the workload `name`.
Series goodput_series(const std::string& name, const BinnedSeries& bytes);
// Congestion window and round trip of a workload's first flow; several at once make no line.
std::vector<Series> sampled_series(const std::string& name, const TcpSource& source);

}  // namespace violin
