#include "emulator/results/metrics.hh"

#include <algorithm>

#include "emulator/results/hop_metrics.hh"
#include "emulator/results/statistics.hh"

namespace violin {
namespace {

template <typename Thing>
std::optional<MetricValue> read_one(const std::vector<MetricOf<Thing>>& table,
                                    std::string_view metric, const Thing& thing,
                                    const RunResult& run) {
  for (const MetricOf<Thing>& entry : table) {
    if (entry.name == metric) return entry.read(thing, entry, run);
  }
  return std::nullopt;
}

std::optional<MetricValue> read_compare(const RunResult& result, std::string_view name) {
  for (const CompareOutcome& compare : result.compares) {
    if (compare.name != name) continue;
    if (!compare.percent) {
      return MetricValue{std::nullopt, Unit::kShare, "one side of the comparison has no value"};
    }
    return MetricValue{*compare.percent / 100, Unit::kShare, ""};
  }
  return std::nullopt;
}

std::optional<MetricValue> read_routing(const RunResult& result, std::string_view thing,
                                        std::string_view metric) {
  for (const std::string& plane : routed_planes(result)) {
    if (thing != routing_thing(plane)) continue;
    return read_one(routing_metrics(), metric, summarise_routing(result, plane), result);
  }
  return std::nullopt;
}

std::optional<MetricValue> read_link(const RunResult& result, std::string_view thing,
                                     std::string_view metric) {
  for (const LinkResult& link : result.links) {
    // Cheap test first: there may be 100 000 links.
    if (thing.substr(0, link.name.size()) != link.name) continue;
    if (thing == link.name) return read_one(link_metrics(), metric, link, result);
    if (thing == direction_name(link, true)) {
      return read_one(direction_metrics(), metric, link.a_to_b, result);
    }
    if (thing == direction_name(link, false)) {
      return read_one(direction_metrics(), metric, link.b_to_a, result);
    }
  }
  return std::nullopt;
}

// Links on which nothing happened are not in the result: all there is to read of them is 0. What
// names there are was checked before the run.
std::optional<MetricValue> read_idle_link(const RunResult& result, std::string_view thing,
                                          std::string_view metric) {
  if (result.idle_links == 0 || thing.find('/') == std::string_view::npos) return std::nullopt;
  LinkResult idle;
  idle.a_to_b.utilisation = 0;
  if (auto value = read_one(direction_metrics(), metric, idle.a_to_b, result)) return value;
  return read_one(link_metrics(), metric, idle, result);
}

std::optional<MetricValue> read_node(const RunResult& result, std::string_view thing,
                                     std::string_view metric) {
  if (thing.find('/') == std::string_view::npos) return std::nullopt;
  for (const NodeResult& node : result.nodes) {
    if (node.name == thing) return read_one(node_metrics(), metric, node, result);
  }
  return read_one(node_metrics(), metric, NodeResult{}, result);
}

std::optional<MetricValue> read_of(const RunResult& result, std::string_view thing,
                                   std::string_view metric) {
  for (const WorkloadResult& workload : result.workloads) {
    if (workload.name != thing) continue;
    const auto* trace = std::get_if<TracerouteResult>(&workload.outcome);
    const auto hop = trace == nullptr ? std::nullopt : parse_hop_metric(metric);
    if (hop) return read_hop(*trace, *hop);
    return read_one(workload_metrics(kind_of(workload.outcome)), metric, workload, result);
  }
  if (thing == "run") return read_one(run_metrics(), metric, result, result);
  if (thing == "fidelity") return read_one(fidelity_metrics(), metric, result, result);
  if (auto value = read_routing(result, thing, metric)) return value;
  if (auto value = read_link(result, thing, metric)) return value;
  return std::nullopt;
}

}  // namespace

PingSummary summarise_ping(const PingResult& ping, const MeasureWindow& window) {
  PingSummary summary;
  std::vector<Duration> rtts;
  std::vector<Duration> queueing;
  std::vector<Time> replies;
  std::optional<Time> first_sent;
  for (const PingProbe& probe : ping.probes) {
    if (!window.contains(probe.sent)) continue;
    ++summary.sent;
    if (!first_sent) first_sent = probe.sent;
    if (!probe.rtt) continue;
    rtts.push_back(*probe.rtt);
    if (probe.queueing) queueing.push_back(*probe.queueing);
    replies.push_back(probe.sent + *probe.rtt);
  }
  summary.received = static_cast<int64_t>(rtts.size());
  summary.outstanding = ping.outstanding;
  summary.sent += ping.outstanding;
  summary.rtt = summarise(std::move(rtts));
  if (ping.queueing_known) summary.queueing = summarise(std::move(queueing));
  if (replies.empty()) return summary;
  std::sort(replies.begin(), replies.end());
  Duration longest = replies.front() - *first_sent;
  for (size_t i = 1; i < replies.size(); ++i) {
    longest = std::max(longest, replies[i] - replies[i - 1]);
  }
  for (const PingProbe& probe : ping.probes) {
    if (!window.contains(probe.sent) || probe.rtt) continue;
    longest = std::max(longest, probe.sent - replies.back());
  }
  summary.longest_gap = longest;
  return summary;
}

DurationSummary summarise_completion(const TcpResult& tcp, const MeasureWindow& window) {
  std::vector<Duration> times;
  for (const FlowRecord& flow : tcp.flows) {
    if (flow.finish && window.contains(flow.start)) times.push_back(*flow.completion_time());
  }
  return summarise(std::move(times));
}

MetricValue metric_value(const RunResult& result, std::string_view name) {
  if (auto value = read_compare(result, name)) return *value;
  // Names may hold dots themselves, so every dot may be where the thing ends and its metric begins.
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    if (auto value = read_of(result, name.substr(0, dot), name.substr(dot + 1))) return *value;
  }
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    if (auto value = read_node(result, name.substr(0, dot), name.substr(dot + 1))) return *value;
  }
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    if (auto value = read_idle_link(result, name.substr(0, dot), name.substr(dot + 1))) {
      return *value;
    }
  }
  return {std::nullopt, Unit::kCount, "this run has no such metric"};
}

}  // namespace violin
