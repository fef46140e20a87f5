#include "emulator/results/comparison.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "emulator/results/csv.hh"
#include "emulator/results/text_columns.hh"

// The three forms of a comparison.

namespace violin {
namespace {

std::string difference_text(const ComparisonRow& row, const Estimate& baseline,
                            const EstimateFormat& format) {
  if (!row.difference) return "baseline";
  const Estimate& difference = *row.difference;
  if (difference.samples == 0) return "no pairs";
  std::string text = format.signed_text(difference);
  if (baseline.samples > 0 && baseline.mean != 0 && row.metric.unit != Unit::kShare) {
    text += fmt::format(" ({:+.2f} %)", 100 * difference.mean / std::fabs(baseline.mean));
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

EstimateFormat format_of(const Comparison& comparison, const MetricInfo& metric) {
  std::vector<Estimate> estimates;
  for (const ComparisonRow& row : comparison.rows) {
    if (row.metric.name == metric.name) estimates.push_back(row.estimate);
  }
  return {metric.unit, estimates};
}

std::vector<Estimate> all_estimates(const Comparison& comparison) {
  std::vector<Estimate> estimates;
  for (const ComparisonRow& row : comparison.rows) {
    estimates.push_back(row.estimate);
    if (row.difference) estimates.push_back(*row.difference);
  }
  return estimates;
}

std::string comparison_table(const Comparison& comparison) {
  if (comparison.rows.empty()) return "nothing to compare\n";
  std::vector<std::vector<std::string>> rows = {
      {"metric", comparison.by, "mean ± 95 %", "n", "paired difference to " + comparison.baseline}};
  std::string last_metric;
  EstimateFormat format(Unit::kCount, {});
  Estimate baseline;
  for (const ComparisonRow& row : comparison.rows) {
    if (row.metric.name != last_metric) {
      format = format_of(comparison, row.metric);
      for (const ComparisonRow& other : comparison.rows) {
        const bool is_it =
            other.metric.name == row.metric.name && other.group == comparison.baseline;
        if (is_it) baseline = other.estimate;
      }
    }
    rows.push_back({row.metric.name == last_metric ? "" : row.metric.name, row.group,
                    format.text(row.estimate), std::to_string(row.estimate.samples),
                    difference_text(row, baseline, format)});
    last_metric = row.metric.name;
  }
  const std::string note = no_interval_note(all_estimates(comparison));
  return aligned_rows(rows) + (note.empty() ? "" : "(" + note + ")\n");
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
