#include "emulator/results/metric_catalogue.hh"

#include <algorithm>

#include "emulator/results/hop_metrics.hh"
#include "emulator/results/metrics.hh"
#include "emulator/scenario/near_miss.hh"

namespace violin {
namespace {

// The largest time to live there is.
constexpr int kHopsMax = 255;
// A slip is looked for among at most this many names.
constexpr size_t kThingsCompared = 20'000;

template <typename Thing>
std::vector<MetricInfo> infos(const std::vector<MetricOf<Thing>>& table) {
  std::vector<MetricInfo> list;
  list.reserve(table.size());
  for (const MetricOf<Thing>& metric : table) {
    list.push_back({metric.name, metric.unit, metric.explanation});
  }
  return list;
}

}  // namespace

MetricCatalogue::MetricCatalogue(const Scenario& scenario) {
  struct SortOf {
    Sort operator()(const PingWorkload&) const { return Sort::kPing; }
    Sort operator()(const TcpWorkload&) const { return Sort::kTcp; }
    Sort operator()(const UdpWorkload&) const { return Sort::kUdp; }
    Sort operator()(const TracerouteWorkload&) const { return Sort::kTraceroute; }
    Sort operator()(const ExecWorkload&) const { return Sort::kExec; }
  };
  for (const WorkloadSpec& workload : scenario.workloads) {
    add(workload.name, std::visit(SortOf{}, workload.kind));
    const auto* trace = std::get_if<TracerouteWorkload>(&workload.kind);
    if (trace != nullptr) hops_[workload.name] = {trace->max_hops, false};
  }
  for (const CompareSpec& compare : scenario.compares) add(compare.name, Sort::kCompare);
  add("run", Sort::kRun);
  add("fidelity", Sort::kFidelity);
  for (const NodeSpec& node : scenario.nodes) {
    if (node.kind != NodeKind::kRouter || !is_protocol(node.routing.kind)) continue;
    add(routing_thing(node.plane), Sort::kRouting);
  }
  for (const LinkSpec& link : scenario.links) {
    add_link(link.full_name(), scenario.nodes[static_cast<size_t>(link.a.node)].name,
             scenario.nodes[static_cast<size_t>(link.b.node)].name);
  }
  for (const NodeSpec& node : scenario.nodes) add(node.full_name(), Sort::kNode);
}

MetricCatalogue::MetricCatalogue(const RunResult& result) {
  struct SortOf {
    Sort operator()(const PingResult&) const { return Sort::kPing; }
    Sort operator()(const TcpResult&) const { return Sort::kTcp; }
    Sort operator()(const UdpResult&) const { return Sort::kUdp; }
    Sort operator()(const TracerouteResult&) const { return Sort::kTraceroute; }
    Sort operator()(const ExecResult&) const { return Sort::kExec; }
  };
  for (const WorkloadResult& workload : result.workloads) {
    add(workload.name, std::visit(SortOf{}, workload.outcome));
    const auto* trace = std::get_if<TracerouteResult>(&workload.outcome);
    if (trace == nullptr) continue;
    hops_[workload.name] = {trace->hops.empty() ? 0 : trace->hops.back().ttl, true};
  }
  for (const CompareOutcome& compare : result.compares) add(compare.name, Sort::kCompare);
  add("run", Sort::kRun);
  add("fidelity", Sort::kFidelity);
  for (const std::string& plane : routed_planes(result)) add(routing_thing(plane), Sort::kRouting);
  for (const LinkResult& link : result.links) add_link(link.name, link.a_to_b.from, link.a_to_b.to);
  for (const NodeResult& node : result.nodes) add(node.name, Sort::kNode);
}

void MetricCatalogue::add(const std::string& thing, Sort sort) {
  if (things_.emplace(thing, sort).second) order_.push_back(thing);
}

void MetricCatalogue::add_link(const std::string& link, const std::string& a,
                               const std::string& b) {
  add(link, Sort::kLink);
  add(direction_name(link, a, b), Sort::kDirection);
  add(direction_name(link, b, a), Sort::kDirection);
}

std::vector<MetricInfo> MetricCatalogue::table_of(Sort sort) {
  switch (sort) {
    case Sort::kPing:
      return infos(workload_metrics("ping"));
    case Sort::kTcp:
      return infos(workload_metrics("tcp"));
    case Sort::kUdp:
      return infos(workload_metrics("udp"));
    case Sort::kTraceroute:
      return infos(workload_metrics("traceroute"));
    case Sort::kExec:
      return infos(workload_metrics("exec"));
    case Sort::kDirection:
      return infos(direction_metrics());
    case Sort::kLink:
      return infos(link_metrics());
    case Sort::kNode:
      return infos(node_metrics());
    case Sort::kRouting:
      return infos(routing_metrics());
    case Sort::kRun:
      return infos(run_metrics());
    case Sort::kFidelity:
      return infos(fidelity_metrics());
    case Sort::kCompare:
      return {{"", Unit::kShare, "(host - violin) / host of the compare entry"}};
  }
  return {};
}

std::vector<MetricInfo> MetricCatalogue::metrics_of(const std::string& thing, Sort sort) const {
  std::vector<MetricInfo> list = table_of(sort);
  const auto hops = hops_.find(thing);
  if (hops == hops_.end()) return list;
  const auto [most, are_known] = hops->second;
  for (MetricInfo& info : are_known ? hop_infos(most) : hop_families(most)) {
    list.push_back(std::move(info));
  }
  return list;
}

std::optional<MetricInfo> MetricCatalogue::find_hop(std::string_view thing,
                                                    std::string_view metric) const {
  const auto hops = hops_.find(thing);
  const auto hop = parse_hop_metric(metric);
  if (hops == hops_.end() || !hop) return std::nullopt;
  // A trace that is over may have been cut short: which hop it lacks is said where it is read.
  const int most = hops->second.are_known ? kHopsMax : hops->second.most;
  if (hop->hop > most) return std::nullopt;
  return info_of(*hop);
}

bool MetricCatalogue::has_node(std::string_view name) const {
  const auto thing = things_.find(name);
  return thing != things_.end() && thing->second == Sort::kNode;
}

std::string MetricCatalogue::node_suggestion(std::string_view name) const {
  std::vector<std::string> nodes;
  for (const auto& [thing, sort] : things_) {
    if (sort != Sort::kNode) continue;
    // The plane is what is most easily forgotten.
    if (thing.substr(thing.find('/') + 1) == name) return thing;
    if (nodes.size() < kThingsCompared) nodes.push_back(thing);
  }
  return nearest_word(name, nodes);
}

std::optional<MetricInfo> MetricCatalogue::find(std::string_view name) const {
  const auto whole = things_.find(name);
  if (whole != things_.end() && whole->second == Sort::kCompare) {
    MetricInfo info = table_of(Sort::kCompare).front();
    info.name = name;
    return info;
  }
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    const auto thing = things_.find(name.substr(0, dot));
    if (thing == things_.end() || thing->second == Sort::kCompare) continue;
    if (auto info = find_hop(thing->first, name.substr(dot + 1))) {
      info->name = name;
      return info;
    }
    for (MetricInfo& info : table_of(thing->second)) {
      if (info.name != name.substr(dot + 1)) continue;
      info.name = name;
      return info;
    }
  }
  return std::nullopt;
}

void MetricCatalogue::visit(const std::function<bool(const std::string&, Sort)>& take) const {
  for (const std::string& thing : order_) {
    if (!take(thing, things_.find(thing)->second)) return;
  }
}

std::vector<MetricInfo> MetricCatalogue::all(size_t limit) const {
  std::vector<MetricInfo> list;
  visit([&](const std::string& thing, Sort sort) {
    for (MetricInfo& info : metrics_of(thing, sort)) {
      if (list.size() >= limit) return false;
      info.name = sort == Sort::kCompare ? thing : thing + "." + info.name;
      list.push_back(std::move(info));
    }
    return true;
  });
  return list;
}

std::vector<MetricInfo> MetricCatalogue::matching(std::string_view pattern, size_t limit,
                                                  Star star) const {
  std::vector<MetricInfo> list;
  // A thing that does not begin as the pattern does cannot match: most are skipped by that.
  const std::string_view literal = pattern.substr(0, pattern.find('*'));
  visit([&](const std::string& thing, Sort sort) {
    const size_t common = std::min(literal.size(), thing.size());
    if (literal.substr(0, common) != std::string_view(thing).substr(0, common)) return true;
    for (MetricInfo& info : metrics_of(thing, sort)) {
      if (list.size() >= limit) return false;
      std::string name = sort == Sort::kCompare ? thing : thing + "." + info.name;
      if (!matches_pattern(pattern, name, star)) continue;
      info.name = std::move(name);
      list.push_back(std::move(info));
    }
    return true;
  });
  std::sort(list.begin(), list.end(),
            [](const MetricInfo& a, const MetricInfo& b) { return natural_less(a.name, b.name); });
  return list;
}

std::string MetricCatalogue::suggestion(std::string_view name) const {
  // Where the thing is right, the slip is in its metric.
  for (size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = name.rfind('.', dot - 1)) {
    const auto thing = things_.find(name.substr(0, dot));
    if (thing == things_.end()) continue;
    std::vector<std::string> metrics;
    for (const MetricInfo& info : metrics_of(thing->first, thing->second))
      metrics.push_back(info.name);
    const std::string near = nearest_word(name.substr(dot + 1), metrics);
    return near.empty() ? "" : thing->first + "." + near;
  }
  // Otherwise it is in the thing: try every dot as its end, the metric being right.
  std::vector<std::string> things(
      order_.begin(),
      order_.begin() + static_cast<std::ptrdiff_t>(std::min(order_.size(), kThingsCompared)));
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    const std::string near = nearest_word(name.substr(0, dot), things);
    if (near.empty()) continue;
    const std::string guess = near + std::string(name.substr(dot));
    if (find(guess)) return guess;
  }
  return nearest_word(name, things);
}

}  // namespace violin
