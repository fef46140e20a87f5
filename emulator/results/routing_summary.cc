#include "emulator/results/routing_summary.hh"

#include <algorithm>

#include "emulator/results/metric_table.hh"

namespace violin {
namespace {

std::string_view plane_of(const RouterResult& router) {
  return std::string_view(router.node).substr(0, router.node.find('/'));
}

bool is_change_of_network(const RunEvent& event) {
  return event.kind == "set" || event.kind == "down" || event.kind == "up";
}

using S = const RoutingSummary&;
using SM = const MetricOf<RoutingSummary>&;
using R = const RunResult&;

MetricValue longest_after_an_event(S summary, SM, R) {
  std::optional<Duration> longest;
  for (size_t i = 1; i < summary.phases.size(); ++i) {
    longest = std::max(longest, summary.phases[i].until);
  }
  if (!longest) return missing(Unit::kDuration, "no event changed a route");
  return duration(*longest);
}

}  // namespace

std::string hops_text(const TableRoute& route) {
  std::string text;
  for (const TableRoute::Hop& hop : route.hops) {
    text += text.empty() ? "" : ", ";
    text += hop.via.empty() ? hop.interface : hop.via + " at " + hop.interface;
  }
  return text;
}

std::string routing_thing(std::string_view plane) { return std::string(plane) + "/routing"; }

std::vector<std::string> routed_planes(const RunResult& result) {
  std::vector<std::string> planes;
  for (const RouterResult& router : result.routers) {
    const std::string plane(plane_of(router));
    if (std::find(planes.begin(), planes.end(), plane) == planes.end()) planes.push_back(plane);
  }
  return planes;
}

RoutingSummary summarise_routing(const RunResult& result, std::string_view plane) {
  RoutingSummary summary;
  for (const RouterResult& router : result.routers) {
    if (plane_of(router) != plane) continue;
    summary.deviations += router.deviations.size();
    if (summary.phases.empty()) summary.phases.push_back({router.began, "the start"});
    summary.phases[0].from = std::min(summary.phases[0].from, router.began);
  }
  if (summary.phases.empty()) return summary;
  for (const RunEvent& event : result.event_log) {
    if (is_change_of_network(event)) summary.phases.push_back({event.when, event.text});
  }
  for (const RouterResult& router : result.routers) {
    if (plane_of(router) != plane) continue;
    for (const RouteChange& change : router.changes) {
      const auto after =
          std::upper_bound(summary.phases.begin() + 1, summary.phases.end(), change.at,
                           [](Time at, const RoutingSummary::Phase& p) { return at < p.from; });
      RoutingSummary::Phase& phase = *std::prev(after);
      ++phase.changes;
      phase.until = std::max(phase.until.value_or(Duration()), change.at - phase.from);
    }
  }
  return summary;
}

const std::vector<MetricOf<RoutingSummary>>& routing_metrics() {
  static const std::vector<MetricOf<RoutingSummary>> table = {
      {"convergence", Unit::kDuration,
       "from the start of the routing daemons to the last change of a router's table before the "
       "first event",
       [](S s, SM, R) {
         if (s.phases.empty() || !s.phases[0].until) {
           return missing(Unit::kDuration, "no daemon changed a route");
         }
         return duration(*s.phases[0].until);
       }},
      {"reconvergence", Unit::kDuration,
       "from an event to the last change of a router's table before the next event, the longest",
       longest_after_an_event},
      {"changes", Unit::kCount, "changes of routers' tables",
       [](S s, SM, R) {
         uint64_t sum = 0;
         for (const RoutingSummary::Phase& phase : s.phases) sum += phase.changes;
         return count(sum);
       }},
      {"deviations", Unit::kCount,
       "routes at the end that are not as the network's shortest paths have them",
       [](S s, SM, R) { return count(s.deviations); }}};
  return table;
}

}  // namespace violin
