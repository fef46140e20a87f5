#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "emulator/results/clock_comparison.hh"
#include "emulator/results/csv.hh"
#include "emulator/results/estimate_format.hh"
#include "emulator/results/text_columns.hh"

// The three forms of a comparison of clocks.

namespace violin {
namespace {

using Json = nlohmann::ordered_json;

std::string difference_text(const ClockRow& row) {
  if (!row.difference) return "-";
  const PercentDifference& difference = *row.difference;
  if (difference.ci95) return fmt::format("{:+.2f} ± {:.2f} %", difference.mean, *difference.ci95);
  return fmt::format("{:+.2f} % (no interval)", difference.mean);
}

Json to_json(const Estimate& estimate) {
  return {{"samples", estimate.samples},
          {"mean", estimate.mean},
          {"stddev", estimate.stddev},
          {"ci95", estimate.ci95 ? Json(*estimate.ci95) : Json(nullptr)}};
}

void put_estimate(CsvWriter& csv, const Estimate& estimate) {
  csv.number(uint64_t{estimate.samples}).number(estimate.mean).number(estimate.stddev);
  csv.number(estimate.ci95);
}

}  // namespace

std::string clock_comparison_table(const ClockComparison& comparison) {
  if (comparison.rows.empty()) return "no metric has a value under both clocks\n";
  std::vector<std::vector<std::string>> rows = {
      {"metric", "virtual ± 95 %", "n", "real ± 95 %", "n", "difference", "verdict"}};
  std::vector<Estimate> estimates;
  std::string point;
  for (const ClockRow& row : comparison.rows) {
    if (row.point != point) rows.push_back({row.point});
    point = row.point;
    const EstimateFormat format(row.metric.unit, {row.virtual_clock, row.real_clock});
    rows.push_back({row.metric.name, format.text(row.virtual_clock),
                    std::to_string(row.virtual_clock.samples), format.text(row.real_clock),
                    std::to_string(row.real_clock.samples), difference_text(row),
                    verdict_text(row)});
    estimates.insert(estimates.end(), {row.virtual_clock, row.real_clock});
  }
  const std::string note = no_interval_note(estimates);
  return aligned_rows(rows) + (note.empty() ? "" : "(" + note + ")\n");
}

std::string clock_comparison_csv(const ClockComparison& comparison) {
  std::ostringstream out;
  CsvWriter csv(out);
  csv.row({"point", "metric", "unit", "virtual_samples", "virtual_mean", "virtual_stddev",
           "virtual_ci95", "real_samples", "real_mean", "real_stddev", "real_ci95",
           "difference_percent", "difference_ci95_percent", "limit_percent", "verdict"});
  for (const ClockRow& row : comparison.rows) {
    csv.text(row.point).text(row.metric.name).text(name_of(row.metric.unit));
    put_estimate(csv, row.virtual_clock);
    put_estimate(csv, row.real_clock);
    csv.number(row.difference ? std::optional(row.difference->mean) : std::nullopt);
    csv.number(row.difference ? row.difference->ci95 : std::nullopt);
    csv.number(row.limit_percent).text(verdict_text(row));
    csv.end_row();
  }
  return out.str();
}

std::string clock_comparison_json(const ClockComparison& comparison) {
  Json json = {{"scenario", comparison.scenario}, {"rows", Json::array()}};
  const auto optional = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  for (const ClockRow& row : comparison.rows) {
    Json entry = {{"point", row.point},
                  {"metric", row.metric.name},
                  {"unit", name_of(row.metric.unit)},
                  {"virtual", to_json(row.virtual_clock)},
                  {"real", to_json(row.real_clock)}};
    entry["difference_percent"] = row.difference ? Json(row.difference->mean) : Json(nullptr);
    entry["difference_ci95_percent"] =
        row.difference ? optional(row.difference->ci95) : Json(nullptr);
    entry["limit_percent"] = optional(row.limit_percent);
    entry["verdict"] = row.verdict == ClockVerdict::kNone ? Json(nullptr) : Json(verdict_text(row));
    json["rows"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

}  // namespace violin
