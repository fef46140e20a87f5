#include "emulator/results/report_fidelity.hh"

#include <algorithm>

#include "emulator/results/html.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/report_parts.hh"
#include "emulator/results/report_plots.hh"

namespace violin {
namespace {

// More curves than colours nobody can tell apart.
constexpr size_t kCurvesMax = 7;
// An axis of powers of ten has no zero.
constexpr Duration kLeast = Duration::nanoseconds(10);

double in_microseconds(Duration span) { return static_cast<double>(span.ns()) * 1e-3; }

std::string time_text(Duration span) {
  return to_text(static_cast<double>(span.ns()), Unit::kDuration, 3);
}

// The share of frames that were later than x: the tail is what matters.
Curve tail_curve(const std::string& name, const DurationHistogram& histogram) {
  Curve curve;
  curve.name = name;
  curve.style = Curve::Style::kSteps;
  uint64_t total = 0;
  for (const LogHistogram::Bin& bin : histogram.bins) total += bin.count;
  uint64_t seen = 0;
  for (const LogHistogram::Bin& bin : histogram.bins) {
    seen += bin.count;
    curve.points.emplace_back(in_microseconds(std::max(bin.up_to, kLeast)),
                              100 * static_cast<double>(total - seen) / static_cast<double>(total));
  }
  return curve;
}

std::string agent_table(const FidelityResult& fidelity) {
  HtmlTable table({"agent", "verdict", "frames", "lateness p50", "p99", "max", "error p99", "steal",
                   "overruns", "no buffer", "super-frame"},
                  {2, 3, 4, 5, 6, 7, 8, 9, 10});
  for (const AgentFidelity& agent : fidelity.agents) {
    const DurationSummary& lateness = agent.lateness.summary;
    const DurationSummary& error = agent.delay_error.summary;
    table.add_row({escape_html(agent.host), name_of(agent.verdict),
                   std::to_string(lateness.samples), duration_cell(lateness, lateness.p50),
                   duration_cell(lateness, lateness.p99), duration_cell(lateness, lateness.max),
                   duration_cell(error, error.p99), to_text(agent.steal(), Unit::kShare, 2),
                   std::to_string(agent.overruns), std::to_string(agent.buffer_drops),
                   agent.aggregation == Duration() ? "–" : time_text(agent.aggregation)});
  }
  return table.text();
}

}  // namespace

std::string fidelity_badge(const RunResult& result) {
  if (!result.fidelity) return "";
  const FidelityVerdict verdict = result.fidelity->verdict;
  const std::string style = verdict == FidelityVerdict::kValid ? "good" : "bad";
  return "<span class=\"verdict " + style + "\">times " + name_of(verdict) + "</span>";
}

std::string fidelity_sentence(FidelityVerdict verdict) {
  switch (verdict) {
    case FidelityVerdict::kValid:
      return "Frames left when they should: the figures can be taken as measured.";
    case FidelityVerdict::kDegraded:
      return "Frames left later than they should, or were lost on their way in: delays, and what "
             "depends on them, carry an error of the size below.";
    case FidelityVerdict::kInvalid:
      break;
  }
  return "Times were not kept: the figures say more about the machine than about the network.";
}

Plot lateness_plot(const RunResult& result) {
  Plot plot;
  plot.name = "lateness";
  if (!result.fidelity) return plot;
  const FidelityLimits& limits = result.fidelity->limits;
  Panel panel;
  panel.x_label = "later than (µs)";
  panel.y_label = "share of frames (%)";
  panel.x_logarithmic = true;
  panel.marks = {{in_microseconds(limits.valid_p50), "p50"},
                 {in_microseconds(limits.valid_p99), "p99 VALID"},
                 {in_microseconds(limits.degraded_p99), "p99 DEGRADED"}};
  for (const AgentFidelity& agent : result.fidelity->agents) {
    if (agent.lateness.bins.empty() || panel.curves.size() >= kCurvesMax) continue;
    panel.curves.push_back(tail_curve(agent.host, agent.lateness));
  }
  if (!panel.curves.empty()) plot.panels.push_back(std::move(panel));
  return plot;
}

std::string fidelity_part(const RunResult& result) {
  if (!result.fidelity) return "";
  const FidelityResult& fidelity = *result.fidelity;
  std::string text = "<p><b>" + name_of(fidelity.verdict) + "</b>. " +
                     fidelity_sentence(fidelity.verdict) + "</p>\n";
  if (!fidelity.reasons.empty()) {
    text += "<ul>\n";
    for (const std::string& reason : fidelity.reasons) {
      text += "<li>" + escape_html(reason) + "</li>\n";
    }
    text += "</ul>\n";
  }
  if (fidelity.clock_error() > Duration()) {
    text += "<p>Overlay hosts were on several machines: their scenario times were off by at most " +
            time_text(fidelity.clock_error()) + ".</p>\n";
  }
  text += "<p class=\"soft\">VALID: lateness p50 at most " + time_text(fidelity.limits.valid_p50) +
          " and p99 at most " + time_text(fidelity.limits.valid_p99) + "; DEGRADED: p99 at most " +
          time_text(fidelity.limits.degraded_p99) +
          "; processor time taken by a hypervisor at most " +
          to_text(fidelity.limits.valid_steal, Unit::kShare, 3) + " and " +
          to_text(fidelity.limits.degraded_steal, Unit::kShare, 3) + ".</p>\n";
  return text +
         figure_of(lateness_plot(result),
                   "Lateness: from the instant a frame should leave "
                   "to its writing to the kernel.") +
         agent_table(fidelity);
}

}  // namespace violin
