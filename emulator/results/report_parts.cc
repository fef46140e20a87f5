#include "emulator/results/report_parts.hh"

#include <fmt/format.h>

#include <algorithm>

#include "core/units.hh"
#include "emulator/results/explanation.hh"
#include "emulator/results/html.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/report.hh"
#include "emulator/results/report_fidelity.hh"

namespace violin {
namespace {

std::string command_text(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string params_text(const RunIdentity& identity) {
  std::string text;
  for (const auto& [name, value] : identity.params) {
    text += (text.empty() ? "" : ", ") + name + "=" + value;
  }
  return text;
}

std::string speed_text(const RunResult& result) {
  if (result.wall_seconds <= 0) return "";
  return fmt::format(
      "{} in {} ({} times real time, {} frame hops/s)", to_string(result.virtual_time),
      to_text(result.wall_seconds, Unit::kSeconds, 3),
      to_text(result.virtual_time.to_seconds() / result.wall_seconds, Unit::kCount, 3),
      to_text(static_cast<double>(result.frame_hops) / result.wall_seconds, Unit::kCount, 3));
}

std::string kernels_text(const RunResult& result) {
  if (!result.kernels) return "";
  const KernelActivity& kernels = *result.kernels;
  const bool costs = kernels.syscall_cost != Duration();
  return fmt::format("{} Linux kernels; a system call takes {} of virtual time", kernels.kernels,
                     costs ? to_string(kernels.syscall_cost) : "nothing");
}

// Where the reader finds what a failed expectation is about.
std::string plot_links(const RunResult& run, const ExpectationOutcome& outcome) {
  std::vector<std::string> anchors;
  for (const std::string& metric : outcome.metrics) {
    const std::string anchor = anchor_of_metric(run, metric);
    if (std::find(anchors.begin(), anchors.end(), anchor) == anchors.end()) {
      anchors.push_back(anchor);
    }
  }
  std::string text;
  for (const std::string& anchor : anchors) {
    text += fmt::format("{}<a href=\"#{}\">{}</a>", text.empty() ? "" : ", ", anchor, anchor);
  }
  return text;
}

}  // namespace

std::string facts(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string text = "<div class=\"facts\">\n";
  for (const auto& [name, value] : entries) {
    if (!value.empty()) text += "<div><b>" + name + "</b>" + value + "</div>\n";
  }
  return text + "</div>\n";
}

std::string verdict_badge(const std::vector<ExpectationOutcome>& outcomes, bool interrupted) {
  const auto failed = static_cast<size_t>(
      std::count_if(outcomes.begin(), outcomes.end(),
                    [](const ExpectationOutcome& outcome) { return !outcome.met; }));
  std::string text;
  if (interrupted) text += "<span class=\"verdict bad\">interrupted</span> ";
  if (outcomes.empty()) return text + "<span class=\"soft\">no expectations</span>";
  if (failed == 0) {
    return text + fmt::format("<span class=\"verdict good\">{}</span>",
                              outcomes.size() == 1
                                  ? std::string("the expectation holds")
                                  : fmt::format("all {} expectations hold", outcomes.size()));
  }
  return text + fmt::format("<span class=\"verdict bad\">{} of {} expectations failed</span>",
                            failed, outcomes.size());
}

std::string origin_note(const RunIdentity& identity) {
  if (identity.clock == "virtual") {
    return "Simulated: every figure here was computed under the virtual clock.";
  }
  if (identity.underlay == "real") {
    return "Measured under the real clock, over a real underlay: the links that the scenario has "
           "there were not emulated.";
  }
  return "Measured under the real clock.";
}

std::string report_header(const RunResult& result) {
  const RunIdentity& identity = result.identity;
  std::string text = "<header id=\"run\">\n<h1>" + escape_html(identity.scenario) + "</h1>\n<p>" +
                     verdict_badge(result.expectations, result.interrupted) + " " +
                     fidelity_badge(result) + " <span class=\"soft\">" + origin_note(identity) +
                     "</span></p>\n";
  const std::string digest =
      result.digest ? fmt::format("<code>{:016x}</code>", *result.digest) : "";
  text += facts({{"seed", std::to_string(identity.seed)},
                 {"digest", digest},
                 {"clock", escape_html(identity.clock)},
                 {"underlay", escape_html(identity.underlay)},
                 {"parameters", escape_html(params_text(identity))},
                 {"measured over", escape_html(to_string(result.window.from) + " to " +
                                               to_string(result.window.to))},
                 {"scenario time and speed", escape_html(speed_text(result))},
                 {"kernels", escape_html(kernels_text(result))},
                 {"frame hops", std::to_string(result.frame_hops)},
                 {"version", escape_html(identity.version + " " + identity.commit.substr(0, 12))},
                 {"machine", escape_html(identity.machine)}});
  text += "<details><summary>command</summary><pre>" + escape_html(command_text(identity.command)) +
          "</pre></details>\n";
  return text + "</header>\n";
}

std::string expectations_part(const std::vector<ExpectationOutcome>& outcomes,
                              const RunResult* run) {
  if (outcomes.empty()) return "";
  HtmlTable table({"", "expectation", "measured", "margin", "see"}, {2, 3});
  for (const ExpectationOutcome& outcome : outcomes) {
    std::string what = "<code>" + escape_html(outcome.check) + "</code>";
    if (!outcome.met && !outcome.fail.empty()) what += "<br>" + escape_html(outcome.fail);
    if (!outcome.met && run != nullptr) {
      what += "<details><summary>why</summary><pre>" + escape_html(explain(*run, outcome)) +
              "</pre></details>";
    }
    table.add_row({outcome.met ? "<span class=\"verdict good\">met</span>"
                               : "<span class=\"verdict bad\">failed</span>",
                   what, escape_html(outcome.measured.empty() ? outcome.reason : outcome.measured),
                   escape_html(outcome.margin), run == nullptr ? "" : plot_links(*run, outcome)});
  }
  return table.text();
}

std::string reading_part(bool of_sweep) {
  const std::string file = of_sweep ? "runs.csv" : "series.csv";
  std::string text = "<pre>import pandas as pd; table = pd.read_csv(\"" + file +
                     "\")          # Python\n"
                     "table &lt;- read.csv(\"" +
                     file + "\", check.names = FALSE)             # R</pre>\n";
  HtmlTable table({"file", "one row per"});
  if (of_sweep) {
    table.add_row({"runs.csv", "point: parameters, seed, digest, metrics"});
    table.add_row(
        {"sweep_summary.csv", "metric and combination of parameters: mean, stddev, ci95, samples"});
  } else {
    table.add_row({"summary.json", "the whole run; its shape is in summary.schema.json"});
  }
  table.add_row({"series.csv", "sample over time: t_s, entity, metric, value"});
  table.add_row({"flows.csv", "TCP connection"});
  table.add_row({"pings.csv", "echo request; an empty rtt_ns is a lost one"});
  table.add_row({"links.csv", "direction of a link: counters and drops by reason"});
  if (!of_sweep) {
    table.add_row(
        {"digest.csv",
         "wire and second of virtual time: the chain that <code>violin verify</code> compares"});
    table.add_row({"events.jsonl", "event of the scenario"});
    table.add_row({"pcap/", "captured interface (Wireshark, tshark, tcpdump)"});
  }
  return text + table.text() +
         "<p class=\"soft\">Columns end in their unit: _bps, _ns, _bytes, _share.</p>\n";
}

std::string duration_cell(const DurationSummary& summary, Duration value) {
  if (summary.samples == 0) return "–";
  return escape_html(to_text(static_cast<double>(value.ns()), Unit::kDuration));
}

std::string cut_note(size_t shown, size_t all, const std::string& file) {
  if (shown >= all) return "";
  return fmt::format("<p class=\"soft\">The first {} of {}; all of them are in {}.</p>\n", shown,
                     all, file);
}

std::string folded(const std::string& title, size_t rows, const std::string& content) {
  constexpr size_t kOpenRows = 12;
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n",
                     rows <= kOpenRows ? " open" : "", escape_html(title), content);
}

std::string topology_figure(const std::string& svg) { return "<figure>" + svg + "</figure>\n"; }

}  // namespace violin
