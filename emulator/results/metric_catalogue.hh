#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

  // Every metric whose name `pattern` matches: `*` stands for one or more characters other than a
  // dot or a slash. Natural order (vm.2 before vm.10), at most `limit`.
  std::vector<MetricInfo> matching(std::string_view pattern, size_t limit = 1'000'000) const;

  // Every metric, things in their own order; at most `limit` of them.
  std::vector<MetricInfo> all(size_t limit = 1'000'000) const;

  // The name that `name` is most likely a slip of; empty when none is near.
  std::string suggestion(std::string_view name) const;

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
    kRun,
    kCompare
  };
  void add(const std::string& thing, Sort sort);
  void add_link(const std::string& link, const std::string& a, const std::string& b);
  static std::vector<MetricInfo> metrics_of(Sort sort);
  void visit(const std::function<bool(const std::string&, Sort)>& take) const;

  std::map<std::string, Sort, std::less<>> things_;
  std::vector<std::string> order_;
};

// Does `pattern`, in which `*` stands for one or more characters other than dot and slash, match
// all of `text`?
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace violin
