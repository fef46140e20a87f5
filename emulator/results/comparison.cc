#include "emulator/results/comparison.hh"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "emulator/results/metrics.hh"
#include "emulator/scenario/near_miss.hh"

namespace violin {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

[[noreturn]] void refuse_word(const std::string& what, const std::string& word,
                              const std::vector<std::string>& allowed) {
  std::string text = what + ": " + word + "; allowed: " + join(allowed);
  const std::string near = nearest_word(word, allowed);
  if (!near.empty()) text += "; did you mean \"" + near + "\"?";
  throw std::invalid_argument(text);
}

// Puts runs into groups, and says which runs of different groups belong together.
class Grouping {
 public:
  Grouping(const std::vector<ComparedRun>& runs, const ComparisonOptions& options)
      : runs_(runs), by_(options.by) {
    std::vector<SweepRun> all;
    std::set<std::string> folders;
    for (const ComparedRun& run : runs) {
      // Only what identifies the run: the rest of it may be large.
      SweepRun light;
      light.result.identity = run.run.result.identity;
      all.push_back(std::move(light));
      folders.insert(run.folder);
    }
    swept_ = swept_params(all);
    several_folders_ = folders.size() > 1;
    if (by_) check_by();
    for (const ComparedRun& run : runs) {
      const std::string group = group_of(run);
      if (std::find(groups_.begin(), groups_.end(), group) == groups_.end()) {
        groups_.push_back(group);
      }
    }
    // Where a group has several runs of one seed and parameters, those of one folder are a pair.
    std::set<std::pair<std::string, std::string>> known;
    for (const ComparedRun& run : runs) {
      if (!known.emplace(group_of(run), pair_of(run)).second)
        folders_part_pairs_ = several_folders_;
    }
  }

  const std::vector<std::string>& groups() const { return groups_; }
  std::string name() const {
    if (by_) return *by_;
    return swept_.empty() || several_folders_ ? "run" : join(swept_);
  }

  std::string group_of(const ComparedRun& run) const {
    const RunIdentity& identity = run.run.result.identity;
    if (by_ && *by_ == "seed") return std::to_string(identity.seed);
    if (by_) return value_of(identity, *by_);
    const std::string combination = combination_of(run.run.result, swept_);
    if (!several_folders_ && !combination.empty()) return combination;
    return combination.empty() ? run.folder : run.folder + " " + combination;
  }

  // Equal in runs that differ only in what they are grouped by.
  std::string pair_of(const ComparedRun& run) const {
    const RunIdentity& identity = run.run.result.identity;
    std::string key = !by_ || *by_ != "seed" ? "seed=" + std::to_string(identity.seed) : "";
    if (!by_) return key;
    for (const std::string& name : swept_) {
      if (name != *by_) key += "," + name + "=" + value_of(identity, name);
    }
    return folders_part_pairs_ ? key + "," + run.folder : key;
  }

 private:
  static std::string value_of(const RunIdentity& identity, const std::string& name) {
    const auto param = identity.params.find(name);
    return param == identity.params.end() ? "" : param->second;
  }
  void check_by() const {
    std::set<std::string> names = {"seed"};
    for (const ComparedRun& run : runs_) {
      for (const auto& [name, value] : run.run.result.identity.params) names.insert(name);
    }
    if (names.count(*by_) == 0) {
      refuse_word("no such parameter", *by_, {names.begin(), names.end()});
    }
  }

  const std::vector<ComparedRun>& runs_;
  std::optional<std::string> by_;
  std::vector<std::string> swept_;
  std::vector<std::string> groups_;
  bool several_folders_ = false;
  bool folders_part_pairs_ = false;
};

}  // namespace

Comparison compare_runs(const std::vector<ComparedRun>& runs, const ComparisonOptions& options) {
  const Grouping grouping(runs, options);
  Comparison comparison;
  comparison.by = grouping.name();
  if (runs.empty()) return comparison;
  comparison.baseline = options.baseline.value_or(grouping.groups().front());
  const auto& groups = grouping.groups();
  if (std::find(groups.begin(), groups.end(), comparison.baseline) == groups.end()) {
    refuse_word("no such baseline", comparison.baseline, groups);
  }
  for (const MetricInfo& metric : compared_metrics(runs, options.metrics)) {
    std::map<std::string, std::map<std::string, double>> values;  // by group, then pair
    std::map<std::string, std::vector<double>> samples;
    for (const ComparedRun& run : runs) {
      const MetricValue value = metric_value(run.run.result, metric.name);
      if (!value.value) continue;
      values[grouping.group_of(run)][grouping.pair_of(run)] = *value.value;
      samples[grouping.group_of(run)].push_back(*value.value);
    }
    for (const std::string& group : groups) {
      ComparisonRow row{metric, group, estimate(samples[group]), std::nullopt};
      if (group != comparison.baseline) {
        row.difference = paired_difference(values[comparison.baseline], values[group]);
      }
      comparison.rows.push_back(std::move(row));
    }
  }
  return comparison;
}

}  // namespace violin
