#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/metric_catalogue.hh"
#include "emulator/results/metrics.hh"

// The metrics of the single hops of a traceroute: hop.1.rtt, hop.1.node, hop.2.rtt … How many hops
// there will be is known only once it has run, so before that they are two families of names.

namespace violin {

struct HopMetric {
  int hop = 1;
  bool is_node = false;  // hop.N.node, else hop.N.rtt
};

// Takes "hop.3.rtt" apart; nothing when `metric` is not of a hop.
std::optional<HopMetric> parse_hop_metric(std::string_view metric);

// Unit and explanation of one hop's metric; `name` is left empty.
MetricInfo info_of(const HopMetric& metric);

// "hop.<n>.rtt" and "hop.<n>.node", of a traceroute that goes at most `most` hops far.
std::vector<MetricInfo> hop_families(int most);
// Each metric of hops 1 to `hops`.
std::vector<MetricInfo> hop_infos(int hops);

MetricValue read_hop(const TracerouteResult& trace, const HopMetric& metric);

}  // namespace violin
