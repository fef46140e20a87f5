#include "emulator/network/network_cut.hh"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "emulator/scenario/node_backend.hh"

namespace violin {
namespace {

// What a kernel takes of wall time, in models.
constexpr int64_t kKernelWeight = 1000;

bool keeps_order(const std::optional<JitterSpec>& jitter,
                 const std::optional<ReorderSpec>& reorder) {
  return (!jitter || jitter->stddev <= Duration()) && (!reorder || reorder->probability.is_never());
}

// What a frame takes at least in each of a scenario's links, whatever its events do; zero where
// there is no such bound.
std::vector<Duration> smallest_delays(const Scenario& scenario) {
  std::vector<Duration> delays;
  for (const LinkSpec& link : scenario.links) {
    Duration least = std::min(link.a_to_b.delay, link.b_to_a.delay);
    for (const WireSpec& wire : {link.a_to_b, link.b_to_a}) {
      if (!keeps_order(wire.jitter, wire.reorder)) least = Duration();
    }
    delays.push_back(std::max(least, Duration()));
  }
  for (const EventSpec& event : scenario.events) {
    const auto* set = std::get_if<SetEvent>(&event.what);
    if (set == nullptr) continue;
    Duration& least = delays[static_cast<size_t>(set->target.link)];
    if (set->patch.delay) least = std::max(std::min(least, *set->patch.delay), Duration());
    if (!keeps_order(set->patch.jitter, set->patch.reorder)) least = Duration();
  }
  return delays;
}

// Nodes that cannot be parted, as sets.
class Clusters {
 public:
  explicit Clusters(size_t nodes) : parent_(nodes) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t find(size_t node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }
  // The earlier node stands for both.
  void join(int one, int other) {
    const size_t a = find(static_cast<size_t>(one));
    const size_t b = find(static_cast<size_t>(other));
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

class Cutter {
 public:
  Cutter(const NetworkPlan& plan, int parts_max)
      : scenario_(plan.scenario()),
        parts_max_(static_cast<size_t>(parts_max)),
        delays_(smallest_delays(scenario_)),
        joined_(scenario_.nodes.size()) {
    for (size_t i = 0; i < scenario_.nodes.size(); ++i) {
      const int host = plan.overlay_host_of(static_cast<int>(i));
      if (host >= 0) joined_.join(static_cast<int>(i), host);
    }
    // Either half of a model's transfer has a part of what is told of it.
    for (const WorkloadSpec& workload : scenario_.workloads) {
      if (done_by_programs(scenario_, workload, ClockKind::kVirtual)) continue;
      const bool has_halves = std::holds_alternative<TcpWorkload>(workload.kind) ||
                              std::holds_alternative<UdpWorkload>(workload.kind);
      if (has_halves && !is_half_model(scenario_, workload, ClockKind::kVirtual)) {
        joined_.join(workload.from, workload.to);
      }
    }
    for (size_t i = 0; i < delays_.size(); ++i) {
      const LinkEnd &a = scenario_.links[i].a, &b = scenario_.links[i].b;
      // What a tunnel carries goes through the underlay's wires.
      if (plan.overlay_host_of(a.node) == plan.overlay_host_of(b.node))
        by_delay_[delays_[i]].push_back(i);
    }
  }

  NetworkCut best() {
    std::vector<NetworkCut> cuts;
    std::vector<int64_t> heaviest;
    for (const auto& [delay, links] : by_delay_) {
      if (delay > Duration()) cuts.push_back(spread(heaviest));
      for (const size_t link : links)
        joined_.join(scenario_.links[link].a.node, scenario_.links[link].b.node);
    }
    cuts.push_back(spread(heaviest));
    const int64_t least = *std::min_element(heaviest.begin(), heaviest.end());
    size_t best = cuts.size() - 1;
    while (heaviest[best] * 9 > least * 10) --best;
    return cuts[best].parts == 1 ? NetworkCut{} : std::move(cuts[best]);
  }

 private:
  int64_t weight_of(const NodeSpec& node) const {
    return backend_under(ClockKind::kVirtual, node) == Backend::kUml ? kKernelWeight : 1;
  }

  // Heavy ones first, each to the part that has the least so far.
  NetworkCut spread(std::vector<int64_t>& heaviest) {
    std::map<size_t, int64_t> weights;
    for (size_t i = 0; i < scenario_.nodes.size(); ++i)
      weights[joined_.find(i)] += weight_of(scenario_.nodes[i]);
    std::vector<std::pair<int64_t, size_t>> order;
    for (const auto& [cluster, weight] : weights) order.emplace_back(-weight, cluster);
    std::sort(order.begin(), order.end());
    std::vector<int64_t> loads(std::min(parts_max_, order.size()));
    std::map<size_t, int> part_of_cluster;
    for (const auto& [minus_weight, cluster] : order) {
      const auto lightest = std::min_element(loads.begin(), loads.end());
      *lightest -= minus_weight;
      part_of_cluster[cluster] = static_cast<int>(lightest - loads.begin());
    }
    heaviest.push_back(*std::max_element(loads.begin(), loads.end()));
    NetworkCut cut{
        .parts = static_cast<int>(loads.size()), .part_of = {}, .lookahead = Duration::max()};
    for (size_t i = 0; i < scenario_.nodes.size(); ++i)
      cut.part_of.push_back(part_of_cluster[joined_.find(i)]);
    set_lookahead(cut);
    return cut;
  }

  void set_lookahead(NetworkCut& cut) const {
    for (const auto& [delay, links] : by_delay_) {
      for (const size_t link : links) {
        const LinkEnd &a = scenario_.links[link].a, &b = scenario_.links[link].b;
        if (cut.part_of[static_cast<size_t>(a.node)] == cut.part_of[static_cast<size_t>(b.node)])
          continue;
        cut.lookahead = delay;
        return;
      }
    }
  }

  const Scenario& scenario_;
  size_t parts_max_;
  std::vector<Duration> delays_;  // by link
  Clusters joined_;
  std::map<Duration, std::vector<size_t>> by_delay_;  // links that frames cross themselves
};

}  // namespace

NetworkCut cut_network(const NetworkPlan& plan, int parts_max) {
  if (parts_max <= 1 || plan.scenario().nodes.empty()) return {};
  return Cutter(plan, parts_max).best();
}

}  // namespace violin
