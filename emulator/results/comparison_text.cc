#include "emulator/results/comparison.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "emulator/results/csv.hh"

// The three forms of a comparison.

namespace violin {
namespace {

// Columns of a table, in characters on the screen: "±" is two bytes but one of these.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string difference_text(const ComparisonRow& row, const Estimate& baseline) {
  if (!row.difference) return "baseline";
  const Estimate& difference = *row.difference;
  if (difference.samples == 0) return "no pairs";
  std::string text = (difference.mean >= 0 ? "+" : "") + estimate_text(difference, row.metric.unit);
  if (baseline.samples > 0 && baseline.mean != 0 && row.metric.unit != Unit::kShare) {
    text += fmt::format(" ({:+.2f} %)", 100 * difference.mean / std::fabs(baseline.mean));
  }
  return text;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

nlohmann::ordered_json to_json(const Estimate& estimate) {
  nlohmann::ordered_json json;
  json["samples"] = estimate.samples;
  json["mean"] = nullptr;
  json["stddev"] = nullptr;
  json["ci95"] = nullptr;
  if (estimate.samples == 0) return json;
  json["mean"] = estimate.mean;
  json["stddev"] = estimate.stddev;
  if (estimate.ci95) json["ci95"] = *estimate.ci95;
  return json;
}

void put_estimate(CsvWriter& csv, const std::optional<Estimate>& estimate) {
  if (!estimate || estimate->samples == 0) {
    csv.number(int64_t{0}).nothing().nothing().nothing();
    return;
  }
  csv.number(uint64_t{estimate->samples}).number(estimate->mean).number(estimate->stddev);
  csv.number(estimate->ci95);
}

}  // namespace

std::string estimate_text(const Estimate& estimate, Unit unit) {
  if (estimate.samples == 0) return "no value";
  if (!estimate.ci95) return to_text(estimate.mean, unit) + " (n = 1, no interval)";
  const Quantity mean = Quantity::of(estimate.mean, unit);
  std::string text = to_text(mean);
  const double half = Quantity::of(*estimate.ci95, unit).value;
  // "71.2 ± 0.4 Mbit/s": the unit is said once, behind both.
  const size_t space = std::min(text.find(' '), text.size());
  return text.insert(space, " ± " + number_like(half, mean, 2));
}

std::string comparison_table(const Comparison& comparison) {
  if (comparison.rows.empty()) return "nothing to compare\n";
  std::vector<std::vector<std::string>> rows = {
      {"metric", comparison.by, "mean ± 95 %", "n", "paired difference to " + comparison.baseline}};
  std::string last_metric;
  Estimate baseline;
  for (const ComparisonRow& row : comparison.rows) {
    if (row.metric.name != last_metric) {
      for (const ComparisonRow& other : comparison.rows) {
        const bool is_it =
            other.metric.name == row.metric.name && other.group == comparison.baseline;
        if (is_it) baseline = other.estimate;
      }
    }
    rows.push_back({row.metric.name == last_metric ? "" : row.metric.name, row.group,
                    estimate_text(row.estimate, row.metric.unit),
                    std::to_string(row.estimate.samples), difference_text(row, baseline)});
    last_metric = row.metric.name;
  }
  return aligned(rows);
}

std::string comparison_csv(const Comparison& comparison) {
  std::ostringstream out;
  CsvWriter csv(out);
  csv.row({"metric", "unit", "group", "samples", "mean", "stddev", "ci95", "baseline", "pairs",
           "difference_mean", "difference_stddev", "difference_ci95"});
  for (const ComparisonRow& row : comparison.rows) {
    csv.text(row.metric.name).text(name_of(row.metric.unit)).text(row.group);
    put_estimate(csv, row.estimate);
    csv.text(comparison.baseline);
    put_estimate(csv, row.difference);
    csv.end_row();
  }
  return out.str();
}

std::string comparison_json(const Comparison& comparison) {
  nlohmann::ordered_json json;
  json["by"] = comparison.by;
  json["baseline"] = comparison.baseline;
  json["rows"] = nlohmann::ordered_json::array();
  for (const ComparisonRow& row : comparison.rows) {
    nlohmann::ordered_json entry;
    entry["metric"] = row.metric.name;
    entry["unit"] = name_of(row.metric.unit);
    entry["group"] = row.group;
    entry["estimate"] = to_json(row.estimate);
    entry["difference"] =
        row.difference ? to_json(*row.difference) : nlohmann::ordered_json(nullptr);
    json["rows"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

}  // namespace violin
