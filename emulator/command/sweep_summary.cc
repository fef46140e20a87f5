#include "emulator/command/sweep_summary.hh"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "emulator/command/text_layout.hh"
#include "emulator/results/compare_summary.hh"
#include "emulator/results/estimate_format.hh"

namespace violin {
namespace {

// More columns of combinations than this do not fit a terminal.
constexpr size_t kCombinationColumns = 3;
constexpr size_t kIndent = 2;

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// The metrics that a table on a terminal has room for: goodput, mean round trip, hops.
bool is_headline(const MetricInfo& metric) {
  const auto ends = [&](const char* end) { return metric.name.ends_with(end); };
  return ends(".goodput") || ends(".rtt.mean") || ends(".hops");
}

// The estimates of the headline metrics by metric and combination, as text.
struct Headlines {
  std::vector<std::string> combinations;
  std::vector<std::string> metrics;
  std::map<std::pair<std::string, std::string>, std::string> cells;
  std::vector<Estimate> estimates;
};

Headlines headlines_of(const SweepResult& sweep) {
  Headlines headlines;
  std::map<std::string, std::vector<Estimate>> by_metric;
  const std::vector<SweepSummaryRow> rows = summarise_sweep(sweep);
  for (const SweepSummaryRow& row : rows) {
    if (is_headline(row.metric)) by_metric[row.metric.name].push_back(row.estimate);
  }
  for (const SweepSummaryRow& row : rows) {
    if (!is_headline(row.metric) || row.estimate.samples == 0) continue;
    add_once(headlines.combinations, row.combination);
    add_once(headlines.metrics, row.metric.name);
    const EstimateFormat format(row.metric.unit, by_metric[row.metric.name]);
    headlines.cells[{row.metric.name, row.combination}] = format.text(row.estimate);
    headlines.estimates.push_back(row.estimate);
  }
  return headlines;
}

// One row per metric, one column per combination of parameters.
std::string table_by_metric(const Headlines& headlines) {
  std::vector<std::string> heading = {""};
  heading.insert(heading.end(), headlines.combinations.begin(), headlines.combinations.end());
  std::vector<std::vector<std::string>> rows = {heading};
  for (const std::string& metric : headlines.metrics) {
    std::vector<std::string> row = {metric};
    for (const std::string& combination : headlines.combinations) {
      const auto cell = headlines.cells.find({metric, combination});
      row.push_back(cell == headlines.cells.end() ? "–" : cell->second);
    }
    rows.push_back(std::move(row));
  }
  return aligned_rows(rows, kIndent);
}

// One row per combination, one column per metric; as many tables as the terminal's width makes
// necessary.
std::string table_by_combination(const Headlines& headlines) {
  std::vector<std::string> first = {""};
  first.insert(first.end(), headlines.combinations.begin(), headlines.combinations.end());
  const auto width_of = [](const std::vector<std::string>& column) {
    size_t width = 0;
    for (const std::string& cell : column) width = std::max(width, text_width(cell));
    return width + 2;
  };
  std::vector<std::vector<std::string>> rows;
  std::string text;
  size_t width = 0;
  const auto begin = [&] {
    if (!rows.empty()) text += aligned_rows(rows, kIndent);
    rows.clear();
    for (const std::string& name : first) rows.push_back({name});
    width = kIndent + width_of(first);
  };
  begin();
  for (const std::string& metric : headlines.metrics) {
    std::vector<std::string> column = {metric};
    for (const std::string& combination : headlines.combinations) {
      const auto cell = headlines.cells.find({metric, combination});
      column.push_back(cell == headlines.cells.end() ? "–" : cell->second);
    }
    if (rows[0].size() > 1 && width + width_of(column) > kTerminalColumns) begin();
    width += width_of(column);
    for (size_t i = 0; i < rows.size(); ++i) rows[i].push_back(column[i]);
  }
  return text + aligned_rows(rows, kIndent);
}

// Host against violin: what most sweeps with compare entries are about.
std::string compare_table(const std::vector<CompareSummaryRow>& rows) {
  std::vector<std::vector<std::string>> lines;
  std::string combination = "\n";
  for (const CompareSummaryRow& row : rows) {
    if (row.combination != combination) {
      lines.push_back({row.combination, "host", "violin", "(host - violin) / host"});
    }
    combination = row.combination;
    const EstimateFormat sides(row.unit, {row.host, row.violin});
    lines.push_back({"  " + row.name, sides.text(row.host), sides.text(row.violin),
                     EstimateFormat(Unit::kShare, {row.share}).text(row.share)});
  }
  return aligned_rows(lines, 0);
}

std::string tables(const SweepResult& sweep, std::vector<Estimate>& estimates) {
  const std::vector<CompareSummaryRow> compares = summarise_compares(sweep);
  if (!compares.empty()) {
    for (const CompareSummaryRow& row : compares) estimates.push_back(row.share);
    return compare_table(compares);
  }
  const Headlines headlines = headlines_of(sweep);
  estimates = headlines.estimates;
  if (headlines.metrics.empty()) return "";
  return headlines.combinations.size() > kCombinationColumns ? table_by_combination(headlines)
                                                             : table_by_metric(headlines);
}

// How the expectations went that are judged in each run, and every one that failed.
std::string expectations_within_runs(const SweepResult& sweep) {
  size_t all = 0;
  size_t met = 0;
  size_t failed_points = 0;
  std::string failures;
  for (const SweepRun& run : sweep.runs) {
    failed_points += expectations_met(run.result) ? 0 : 1;
    all += run.result.expectations.size();
    for (const ExpectationOutcome& outcome : run.result.expectations) {
      met += outcome.met ? 1 : 0;
      if (outcome.met) continue;
      failures += fmt::format("  {}: {}: measured {}\n", run.run, outcome.check,
                              outcome.measured.empty() ? outcome.reason : outcome.measured);
    }
  }
  if (all == 0) return "";
  std::string text = fmt::format("expectations within runs: {} of {} hold", met, all);
  if (failed_points > 0) {
    text += fmt::format("; failed in {} of {} points:", failed_points, sweep.runs.size());
  }
  return text + "\n" + failures;
}

}  // namespace

std::string sweep_summary_text(const SweepResult& sweep, const std::filesystem::path& folder) {
  std::vector<Estimate> estimates;
  const std::string means = tables(sweep, estimates);
  const std::string note = no_interval_note(estimates);
  const bool real = !sweep.runs.empty() && sweep.runs.front().result.identity.clock == "real";
  std::string text =
      fmt::format("{} points, mean and 95 % interval over the seeds{}, {}:\n", sweep.runs.size(),
                  note.empty() ? "" : " (" + note + ")", real ? "measured" : "simulated");
  text += means + expectations_within_runs(sweep);
  for (const ExpectationOutcome& outcome : sweep.expectations) {
    text += fmt::format("{} {}: {}\n", outcome.met ? "holds: " : "FAILED:", outcome.check,
                        outcome.measured.empty() ? outcome.reason : outcome.measured);
  }
  for (const std::string& failure : sweep.failed) text += "no result: " + failure + "\n";
  return text + fmt::format("every metric: violin compare {0}; report: {0}/report.html\n",
                            folder.string());
}

}  // namespace violin
