#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/metric_pattern.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/run_result.hh"
#include "emulator/scenario/scenario.hh"

// Which metrics a scenario has, known before anything runs: what expectations are checked against,
// and what `violin metrics` lists. Names are put together only when asked for, since a network of
// 100 000 links has millions of them.

namespace violin {

struct MetricInfo {
  std::string name;
  Unit unit = Unit::kCount;
  std::string explanation;
};

class MetricCatalogue {
 public:
  explicit MetricCatalogue(const Scenario& scenario);
  // Of a run that was read back; nodes that dropped nothing are not in it.
  explicit MetricCatalogue(const RunResult& result);

  // The metric with this very name, or nothing.
  std::optional<MetricInfo> find(std::string_view name) const;

  // Every metric whose name `pattern` matches. Natural order (vm.2 before vm.10), at most `limit`.
  std::vector<MetricInfo> matching(std::string_view pattern, size_t limit = 1'000'000,
                                   Star star = Star::kWithinPart) const;

  // Every metric, things in their own order; at most `limit` of them. The hops of a traceroute that
  // has not run yet are listed as families, trace.hop.<n>.rtt.
  std::vector<MetricInfo> all(size_t limit = 1'000'000) const;

  // The name that `name` is most likely a slip of; empty when none is near.
  std::string suggestion(std::string_view name) const;

  // Is there a node called this, "v1/h1"? And which one is most likely meant when there is not.
  bool has_node(std::string_view name) const;
  std::string node_suggestion(std::string_view name) const;

 private:
  enum class Sort {
    kPing,
    kTcp,
    kUdp,
    kTraceroute,
    kExec,
    kDirection,
    kLink,
    kNode,
    kRouting,
    kRun,
    kFidelity,
    kCompare
  };
  void add(const std::string& thing, Sort sort);
  void add_link(const std::string& link, const std::string& a, const std::string& b);
  // The fixed metrics of a sort of thing; with those of hops where it is a traceroute.
  static std::vector<MetricInfo> table_of(Sort sort);
  std::vector<MetricInfo> metrics_of(const std::string& thing, Sort sort) const;
  std::optional<MetricInfo> find_hop(std::string_view thing, std::string_view metric) const;
  void visit(const std::function<bool(const std::string&, Sort)>& take) const;

  std::map<std::string, Sort, std::less<>> things_;
  std::vector<std::string> order_;
  // Of each traceroute: how many hops it has, or how many it may have when it has not run.
  struct Hops {
    int most = 0;
    bool are_known = false;
  };
  std::map<std::string, Hops, std::less<>> hops_;
};

}  // namespace violin
