#include "emulator/results/hop_metrics.hh"

#include <charconv>

namespace violin {
namespace {

constexpr std::string_view kPrefix = "hop.";

MetricInfo family(const std::string& what, bool is_node, int most) {
  MetricInfo info = info_of({1, is_node});
  info.name = "hop.<n>." + what;
  info.explanation += ", n from 1 to " + std::to_string(most);
  return info;
}

MetricValue mean_round_trip(const TracerouteHop& hop) {
  double sum = 0;
  int answers = 0;
  for (const auto& rtt : hop.rtts) {
    if (!rtt) continue;
    sum += static_cast<double>(rtt->ns());
    ++answers;
  }
  if (answers == 0) return {std::nullopt, Unit::kDuration, "nobody answered at this hop"};
  return {sum / answers, Unit::kDuration, ""};
}

MetricValue node_at(const TracerouteHop& hop) {
  if (!hop.node.empty()) return {std::nullopt, Unit::kName, "", hop.node};
  const std::string reason = hop.address.empty()
                                 ? "nobody answered at this hop"
                                 : "no node of the scenario has the address " + hop.address;
  return {std::nullopt, Unit::kName, reason};
}

}  // namespace

std::optional<HopMetric> parse_hop_metric(std::string_view metric) {
  if (metric.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  metric.remove_prefix(kPrefix.size());
  HopMetric result;
  const auto [end, error] =
      std::from_chars(metric.data(), metric.data() + metric.size(), result.hop);
  // One spelling of each name only: no sign and no leading zero.
  if (error != std::errc{} || metric.front() == '0' || result.hop < 1) return std::nullopt;
  metric.remove_prefix(static_cast<size_t>(end - metric.data()));
  result.is_node = metric == ".node";
  if (!result.is_node && metric != ".rtt") return std::nullopt;
  return result;
}

MetricInfo info_of(const HopMetric& metric) {
  if (metric.is_node) return {"", Unit::kName, "the node that answered at hop n"};
  return {"", Unit::kDuration, "mean round trip to hop n"};
}

std::vector<MetricInfo> hop_families(int most) {
  return {family("rtt", false, most), family("node", true, most)};
}

std::vector<MetricInfo> hop_infos(int hops) {
  std::vector<MetricInfo> infos;
  for (int hop = 1; hop <= hops; ++hop) {
    for (const bool is_node : {false, true}) {
      MetricInfo info = info_of({hop, is_node});
      info.name = std::string(kPrefix) + std::to_string(hop) + (is_node ? ".node" : ".rtt");
      infos.push_back(std::move(info));
    }
  }
  return infos;
}

MetricValue read_hop(const TracerouteResult& trace, const HopMetric& metric) {
  for (const TracerouteHop& hop : trace.hops) {
    if (hop.ttl == metric.hop) return metric.is_node ? node_at(hop) : mean_round_trip(hop);
  }
  std::string reason = "the trace has no hop " + std::to_string(metric.hop);
  if (trace.hops.empty()) {
    reason += ": nobody was asked";
  } else {
    reason += trace.reached ? ": it reached its target at hop " : ": it ended at hop ";
    reason += std::to_string(trace.hops.back().ttl);
  }
  return {std::nullopt, info_of(metric).unit, reason};
}

}  // namespace violin
