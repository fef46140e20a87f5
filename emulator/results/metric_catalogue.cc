#include "emulator/results/metric_catalogue.hh"

#include <algorithm>

#include "emulator/results/metrics.hh"
#include "emulator/scenario/near_miss.hh"

namespace violin {
namespace {

template <typename Thing>
std::vector<MetricInfo> infos(const std::vector<MetricOf<Thing>>& table) {
  std::vector<MetricInfo> list;
  list.reserve(table.size());
  for (const MetricOf<Thing>& metric : table) {
    list.push_back({metric.name, metric.unit, metric.explanation});
  }
  return list;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// vm.2 before vm.10: runs of digits compare as numbers, the rest as text.
bool natural_less(const std::string& a, const std::string& b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
      continue;
    }
    const size_t a_start = i;
    const size_t b_start = j;
    while (i < a.size() && is_digit(a[i])) ++i;
    while (j < b.size() && is_digit(b[j])) ++j;
    if (i - a_start != j - b_start) return i - a_start < j - b_start;
    const int order = a.compare(a_start, i - a_start, b, b_start, j - b_start);
    if (order != 0) return order < 0;
  }
  return a.size() - i < b.size() - j;
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
  }
  for (const CompareSpec& compare : scenario.compares) add(compare.name, Sort::kCompare);
  add("run", Sort::kRun);
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
  }
  for (const CompareOutcome& compare : result.compares) add(compare.name, Sort::kCompare);
  add("run", Sort::kRun);
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

std::vector<MetricInfo> MetricCatalogue::metrics_of(Sort sort) {
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
    case Sort::kRun:
      return infos(run_metrics());
    case Sort::kCompare:
      return {{"", Unit::kShare, "(host - violin) / host of the compare entry"}};
  }
  return {};
}

std::optional<MetricInfo> MetricCatalogue::find(std::string_view name) const {
  const auto whole = things_.find(name);
  if (whole != things_.end() && whole->second == Sort::kCompare) {
    MetricInfo info = metrics_of(Sort::kCompare).front();
    info.name = name;
    return info;
  }
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    const auto thing = things_.find(name.substr(0, dot));
    if (thing == things_.end() || thing->second == Sort::kCompare) continue;
    for (MetricInfo& info : metrics_of(thing->second)) {
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
    for (MetricInfo& info : metrics_of(sort)) {
      if (list.size() >= limit) return false;
      info.name = sort == Sort::kCompare ? thing : thing + "." + info.name;
      list.push_back(std::move(info));
    }
    return true;
  });
  return list;
}

std::vector<MetricInfo> MetricCatalogue::matching(std::string_view pattern, size_t limit) const {
  std::vector<MetricInfo> list;
  // A thing that does not begin as the pattern does cannot match: most are skipped by that.
  const std::string_view literal = pattern.substr(0, pattern.find('*'));
  visit([&](const std::string& thing, Sort sort) {
    const size_t common = std::min(literal.size(), thing.size());
    if (literal.substr(0, common) != std::string_view(thing).substr(0, common)) return true;
    for (MetricInfo& info : metrics_of(sort)) {
      if (list.size() >= limit) return false;
      std::string name = sort == Sort::kCompare ? thing : thing + "." + info.name;
      if (!matches_pattern(pattern, name)) continue;
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
    for (const MetricInfo& info : metrics_of(thing->second)) metrics.push_back(info.name);
    const std::string near = nearest_word(name.substr(dot + 1), metrics);
    return near.empty() ? "" : thing->first + "." + near;
  }
  // Otherwise it is in the thing: try every dot as its end, the metric being right.
  constexpr size_t kThingsCompared = 20'000;
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

bool matches_pattern(std::string_view pattern, std::string_view text) {
  // Iterative with one level of backtracking: linear enough, and no recursion for hostile patterns.
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*' && text[t] != '.' && text[t] != '/') {
      star = p++;
      star_text = ++t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == text[t] && pattern[p] != '*') {
      ++p;
      ++t;
      continue;
    }
    const bool can_widen = star != std::string_view::npos && star_text < text.size() &&
                           text[star_text] != '.' && text[star_text] != '/';
    if (!can_widen) return false;
    p = star + 1;
    t = ++star_text;
  }
  return p == pattern.size();
}

}  // namespace violin
