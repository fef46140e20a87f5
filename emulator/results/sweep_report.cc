#include "emulator/results/report.hh"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/results/compare_summary.hh"
#include "emulator/results/comparison.hh"
#include "emulator/results/html.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/report_parts.hh"
#include "emulator/results/report_plots.hh"

namespace violin {
namespace {

constexpr size_t kPlotsMax = 12;

std::string value_text(const MetricValue& value) {
  return value.value ? escape_html(to_text(*value.value, value.unit)) : std::string("–");
}

// One row per run, with what `compare` finds most interesting.
std::string runs_table(const SweepResult& sweep, const Comparison& comparison) {
  std::vector<std::string> header = {"run"};
  const std::vector<std::string> params = swept_params(sweep.runs);
  header.insert(header.end(), params.begin(), params.end());
  header.insert(header.end(), {"seed", "expectations", "digest"});
  std::vector<std::string> metrics;
  for (const ComparisonRow& row : comparison.rows) {
    if (std::find(metrics.begin(), metrics.end(), row.metric.name) == metrics.end()) {
      metrics.push_back(row.metric.name);
    }
  }
  constexpr size_t kMetricColumns = 6;
  metrics.resize(std::min(metrics.size(), kMetricColumns));
  std::vector<size_t> numeric;
  for (const std::string& metric : metrics) {
    numeric.push_back(header.size());
    header.push_back(escape_html(metric));
  }
  HtmlTable table(header, numeric);
  for (const SweepRun& run : sweep.runs) {
    const RunResult& result = run.result;
    std::vector<std::string> cells = {
        fmt::format("<a href=\"{0}/report.html\">{0}</a>", escape_html(run.run))};
    for (const std::string& name : params) {
      const auto param = result.identity.params.find(name);
      cells.push_back(param == result.identity.params.end() ? "" : escape_html(param->second));
    }
    cells.push_back(std::to_string(result.identity.seed));
    cells.push_back(verdict_badge(result.expectations, result.interrupted));
    cells.push_back(result.digest ? fmt::format("<code>{:016x}</code>", *result.digest) : "");
    for (const std::string& metric : metrics) {
      cells.push_back(value_text(metric_value(result, metric)));
    }
    table.add_row(std::move(cells));
  }
  return table.text();
}

std::string interval_note(const std::vector<Estimate>& estimates) {
  const std::string note = no_interval_note(estimates);
  return note.empty() ? "" : "<p class=\"soft\">" + escape_html(note) + ".</p>\n";
}

std::string comparison_part(const Comparison& comparison) {
  HtmlTable table({"metric", escape_html(comparison.by), "mean ± 95 %", "n", "paired difference"},
                  {2, 3, 4});
  std::string last;
  EstimateFormat format(Unit::kCount, {});
  for (const ComparisonRow& row : comparison.rows) {
    if (row.metric.name != last) format = format_of(comparison, row.metric);
    std::string difference;
    if (!row.difference) {
      difference = "<span class=\"soft\">baseline</span>";
    } else if (row.difference->samples == 0) {
      difference = "no pairs";
    } else {
      difference = escape_html(format.signed_text(*row.difference));
    }
    table.add_row({row.metric.name == last ? "" : escape_html(row.metric.name),
                   escape_html(row.group), escape_html(format.text(row.estimate)),
                   std::to_string(row.estimate.samples), difference});
    last = row.metric.name;
  }
  if (table.empty()) return "";
  return folded(fmt::format("{} settings and metrics", table.rows()), table.rows(),
                table.text() + interval_note(all_estimates(comparison)));
}

// Compare entries over the seeds, one row per entry and combination.
std::string degradation_part(const SweepResult& sweep) {
  const std::vector<CompareSummaryRow> rows = summarise_compares(sweep);
  if (rows.empty()) return "";
  HtmlTable table({"entry", "setting", "host", "violin", "(host − violin) / host", "n"},
                  {2, 3, 4, 5});
  std::vector<Estimate> shares;
  for (const CompareSummaryRow& row : rows) {
    const EstimateFormat sides(row.unit, {row.host, row.violin});
    shares.push_back(row.share);
    table.add_row({escape_html(row.name), escape_html(row.combination),
                   escape_html(sides.text(row.host)), escape_html(sides.text(row.violin)),
                   escape_html(EstimateFormat(Unit::kShare, {row.share}).text(row.share)),
                   std::to_string(row.share.samples)});
  }
  return figure_of(compare_figure(rows),
                   "Bars are means over seeds, whiskers 95 % confidence intervals (Student's t).") +
         table.text() + interval_note(shares);
}

std::string metric_plots(const SweepResult& sweep, const Comparison& comparison) {
  const std::vector<SweepSummaryRow> rows = summarise_sweep(sweep);
  std::vector<std::string> drawn;
  std::string text;
  std::string note;
  for (const ComparisonRow& row : comparison.rows) {
    const std::string& name = row.metric.name;
    if (std::find(drawn.begin(), drawn.end(), name) != drawn.end()) continue;
    if (drawn.size() == kPlotsMax) {
      note = fmt::format("<p class=\"soft\">Only the first {} metrics are drawn.</p>\n", kPlotsMax);
      break;
    }
    text += figure_of(sweep_metric_plot(rows, name, fmt::format("metric_{}", drawn.size())), "");
    drawn.push_back(name);
  }
  return text.empty() ? "" : "<div class=\"pair\">\n" + text + "</div>\n" + note;
}

std::string header(const SweepResult& sweep, const std::string& name) {
  std::vector<ExpectationOutcome> all = sweep.expectations;
  bool interrupted = false;
  for (const SweepRun& run : sweep.runs) {
    all.insert(all.end(), run.result.expectations.begin(), run.result.expectations.end());
    interrupted = interrupted || run.result.interrupted;
  }
  std::string text =
      "<header>\n<h1>" + escape_html(name) + "</h1>\n<p>" + verdict_badge(all, interrupted) +
      " <span class=\"soft\">A sweep of " + std::to_string(sweep.runs.size()) + " runs." +
      (sweep.runs.empty() ? "" : " " + origin_note(sweep.runs.front().result.identity)) +
      "</span></p>\n";
  if (!sweep.runs.empty()) {
    const RunResult& first = sweep.runs.front().result;
    std::string swept;
    for (const std::string& param : swept_params(sweep.runs))
      swept += (swept.empty() ? "" : ", ") + param;
    if (has_several_seeds(sweep.runs)) swept += swept.empty() ? "seed" : ", seed";
    text += facts({{"swept", escape_html(swept)},
                   {"clock", escape_html(first.identity.clock)},
                   {"version", escape_html(first.identity.version + " " +
                                           first.identity.commit.substr(0, 12))},
                   {"machine", escape_html(first.identity.machine)}});
  }
  for (const std::string& failed : sweep.failed) {
    text += "<p><span class=\"verdict bad\">no result</span> " + escape_html(failed) + "</p>\n";
  }
  return text + "</header>\n";
}

}  // namespace

std::string sweep_report_text(const SweepResult& sweep, const std::string& name,
                              const ReportOptions& options) {
  std::vector<ComparedRun> runs;
  for (const SweepRun& run : sweep.runs) runs.push_back({"", run});
  const Comparison comparison = compare_runs(runs, {});
  std::string body = header(sweep, name);
  body += html_section("expectations", "Expectations about the sweep",
                       expectations_part(sweep.expectations, nullptr));
  body += html_section("compares", "Host and violin compared", degradation_part(sweep));
  if (!options.topology_svg.empty()) {
    body += html_section("topology", "Topology", topology_figure(options.topology_svg));
  }
  body += html_section("comparison", "Settings compared", comparison_part(comparison));
  body += html_section("plots", "Means with 95 % intervals", metric_plots(sweep, comparison));
  body += html_section("runs", "Runs", sweep.runs.empty() ? "" : runs_table(sweep, comparison));
  body += html_section("files", "Reading the files", reading_part(true));
  return html_page(name + " – VIOLIN", body);
}

}  // namespace violin
