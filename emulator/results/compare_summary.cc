#include "emulator/results/compare_summary.hh"

#include <algorithm>
#include <array>
#include <map>

namespace violin {
namespace {

Unit unit_named(const std::string& name) {
  for (const Unit unit : {Unit::kShare, Unit::kBitRate, Unit::kDuration, Unit::kBytes,
                          Unit::kFrequency, Unit::kSeconds}) {
    if (name_of(unit) == name) return unit;
  }
  return Unit::kCount;
}

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// What all names begin with, up to the last '_', '-' or '.': it says nothing on an axis.
size_t common_prefix(const std::vector<std::string>& names) {
  size_t length = names.front().size();
  for (const std::string& name : names) {
    const auto differs =
        std::mismatch(name.begin(), name.end(), names.front().begin(), names.front().end());
    length = std::min(length, static_cast<size_t>(differs.first - name.begin()));
  }
  const size_t cut = names.front().find_last_of("_-.", length == 0 ? 0 : length - 1);
  return names.size() < 2 || cut == std::string::npos || cut >= length ? 0 : cut + 1;
}

// Base units are too small for people: rates are shown in Mbit/s, times in ms.
struct AxisUnit {
  double divisor = 1;
  std::string label;
};
AxisUnit axis_unit(Unit unit) {
  if (unit == Unit::kBitRate) return {1e6, "throughput (Mbit/s)"};
  if (unit == Unit::kDuration) return {1e6, "latency (ms)"};
  return {1, std::string(name_of(unit))};
}

class PanelMaker {
 public:
  PanelMaker(const std::vector<CompareSummaryRow>& rows, Unit unit)
      : rows_(rows), unit_(unit), axis_(axis_unit(unit)) {
    for (const CompareSummaryRow& row : rows) {
      if (row.unit != unit) continue;
      add_once(names_, row.name);
      add_once(combinations_, row.combination);
    }
  }

  Panel make() const {
    Panel panel;
    panel.y_label = axis_.label;
    const size_t prefix = common_prefix(names_);
    for (const std::string& name : names_) panel.x_names.push_back(name.substr(prefix));
    panel.curves.push_back(bars("host", combinations_.front(), &CompareSummaryRow::host, 0));
    int colour = 1;
    for (const std::string& combination : combinations_) {
      const std::string label = combination.empty() ? "violin" : "violin, " + combination;
      panel.curves.push_back(bars(label, combination, &CompareSummaryRow::violin, colour++));
    }
    return panel;
  }

 private:
  Curve bars(const std::string& label, const std::string& combination,
             Estimate CompareSummaryRow::*side, int colour) const {
    Curve curve{label, Curve::Style::kBars, {}, {}, colour};
    for (const CompareSummaryRow& row : rows_) {
      if (row.unit != unit_ || row.combination != combination) continue;
      const auto name = std::find(names_.begin(), names_.end(), row.name);
      const Estimate& value = row.*side;
      curve.points.emplace_back(static_cast<double>(name - names_.begin()),
                                value.mean / axis_.divisor);
      curve.intervals.push_back(value.ci95.value_or(0) / axis_.divisor);
    }
    return curve;
  }

  const std::vector<CompareSummaryRow>& rows_;
  Unit unit_;
  AxisUnit axis_;
  std::vector<std::string> names_;
  std::vector<std::string> combinations_;
};

}  // namespace

std::vector<CompareSummaryRow> summarise_compares(const SweepResult& sweep) {
  struct Samples {
    Unit unit = Unit::kCount;
    std::array<std::vector<double>, 3> values;  // host, violin, share
  };
  const std::vector<std::string> params = swept_params(sweep.runs);
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, Samples> samples;
  for (const SweepRun& run : sweep.runs) {
    const std::string combination = combination_of(run.result, params);
    for (const CompareOutcome& compare : run.result.compares) {
      if (!compare.percent) continue;
      const std::pair key(combination, compare.name);
      if (samples.count(key) == 0) order.push_back(key);
      Samples& sample = samples[key];
      sample.unit = unit_named(compare.unit);
      sample.values[0].push_back(*compare.host);
      sample.values[1].push_back(*compare.violin);
      sample.values[2].push_back(*compare.percent / 100);
    }
  }
  std::vector<CompareSummaryRow> rows;
  for (const auto& key : order) {
    const Samples& sample = samples[key];
    rows.push_back({key.second, key.first, sample.unit, estimate(sample.values[0]),
                    estimate(sample.values[1]), estimate(sample.values[2])});
  }
  return rows;
}

Plot compare_figure(const std::vector<CompareSummaryRow>& rows) {
  Plot plot;
  plot.name = "compare";
  plot.width = 1000;
  plot.height = 420;
  std::vector<Unit> units;
  for (const CompareSummaryRow& row : rows) {
    if (std::find(units.begin(), units.end(), row.unit) == units.end()) units.push_back(row.unit);
  }
  for (const Unit unit : units) plot.panels.push_back(PanelMaker(rows, unit).make());
  return plot;
}

}  // namespace violin
