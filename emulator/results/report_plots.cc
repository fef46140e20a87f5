#include "emulator/results/report_plots.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "emulator/results/html.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/statistics.hh"

namespace violin {
namespace {

// More curves than colours nobody can tell apart.
constexpr size_t kCurvesMax = 7;
constexpr double kMega = 1e6;

std::pair<double, double> whole_run(const RunResult& result) {
  const double end = std::max(result.virtual_time, Duration::milliseconds(1)).to_seconds();
  return {0, end};
}

std::vector<Mark> event_marks(const RunResult& result) {
  std::vector<Mark> marks;
  for (const RunEvent& event : result.event_log) {
    if (event.kind != "set" && event.kind != "down" && event.kind != "up") continue;
    marks.push_back({event.when.to_seconds(), event.kind});
  }
  return marks;
}

Panel time_panel(const RunResult& result, const std::string& y_label) {
  Panel panel;
  panel.x_label = "time (s)";
  panel.y_label = y_label;
  panel.x_range = whole_run(result);
  panel.marks = event_marks(result);
  return panel;
}

double largest(const Series& series) {
  double most = 0;
  for (const auto& point : series.points) most = std::max(most, point.second);
  return most;
}

// The series called `metric` as curves, the highest ones when there are too many.
std::vector<Curve> curves_of(const RunResult& result, const std::string& metric, double divisor) {
  std::vector<const Series*> chosen;
  for (const Series& series : result.series) {
    if (series.metric == metric && !series.points.empty()) chosen.push_back(&series);
  }
  if (chosen.size() > kCurvesMax) {
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const Series* a, const Series* b) { return largest(*a) > largest(*b); });
    chosen.resize(kCurvesMax);
  }
  std::vector<Curve> curves;
  for (const Series* series : chosen) {
    Curve curve;
    curve.name = series->entity;
    for (const auto& [time, value] : series->points) {
      curve.points.emplace_back(time.to_seconds(), value / divisor);
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

Plot one_panel(const std::string& name, Panel panel) {
  Plot plot;
  plot.name = name;
  if (panel.curves.empty()) return plot;
  plot.panels.push_back(std::move(panel));
  return plot;
}

// The share of round trips that are not above x.
Curve distribution_curve(const WorkloadResult& workload, const PingResult& ping) {
  std::vector<double> rtts;
  for (const PingProbe& probe : ping.probes) {
    if (probe.rtt) rtts.push_back(probe.rtt->to_milliseconds());
  }
  std::sort(rtts.begin(), rtts.end());
  Curve curve;
  curve.name = workload.name;
  curve.style = Curve::Style::kSteps;
  if (rtts.empty()) return curve;
  curve.points.emplace_back(rtts.front(), 0);
  for (size_t i = 0; i < rtts.size(); ++i) {
    const double share = static_cast<double>(i + 1) / static_cast<double>(rtts.size());
    if (i + 1 < rtts.size() && rtts[i + 1] == rtts[i]) continue;
    curve.points.emplace_back(rtts[i], 100 * share);
  }
  return curve;
}

// What a metric's unit is divided by in plots, and called then.
struct Shown {
  double divisor = 1;
  std::string unit;
};
Shown shown(Unit unit) {
  switch (unit) {
    case Unit::kBitRate:
      return {kMega, " (Mbit/s)"};
    case Unit::kDuration:
      return {kMega, " (ms)"};
    case Unit::kBytes:
      return {kMega, " (MB)"};
    case Unit::kShare:
      return {0.01, " (%)"};
    case Unit::kSeconds:
      return {1, " (s)"};
    case Unit::kFrequency:
      return {1, " (/s)"};
    case Unit::kCount:
    case Unit::kName:
      break;
  }
  return {};
}

}  // namespace

Plot goodput_plot(const RunResult& result) {
  Panel panel = time_panel(result, "goodput (Mbit/s)");
  panel.curves = curves_of(result, "goodput_bps", kMega);
  return one_panel("goodput", std::move(panel));
}

Plot rtt_plot(const RunResult& result) {
  Panel over_time = time_panel(result, "round trip (ms)");
  Panel distribution;
  distribution.x_label = "round trip (ms)";
  distribution.y_label = "share of replies (%)";
  for (const WorkloadResult& workload : result.workloads) {
    const auto* ping = std::get_if<PingResult>(&workload.outcome);
    if (ping == nullptr || over_time.curves.size() >= kCurvesMax) continue;
    Curve curve;
    curve.name = workload.name;
    curve.style = Curve::Style::kPoints;
    for (const PingProbe& probe : ping->probes) {
      if (probe.rtt)
        curve.points.emplace_back(probe.sent.to_seconds(), probe.rtt->to_milliseconds());
    }
    if (curve.points.empty()) continue;
    over_time.curves.push_back(std::move(curve));
    distribution.curves.push_back(distribution_curve(workload, *ping));
  }
  Plot plot;
  plot.name = "rtt";
  plot.width = 1000;
  if (over_time.curves.empty()) return plot;
  plot.panels = {std::move(over_time), std::move(distribution)};
  return plot;
}

Plot queue_plot(const RunResult& result) {
  Panel panel = time_panel(result, "packets waiting");
  panel.curves = curves_of(result, "queue_packets", 1);
  const auto is_flat = [](const Curve& curve) {
    return std::all_of(curve.points.begin(), curve.points.end(),
                       [](const auto& point) { return point.second == 0; });
  };
  panel.curves.erase(std::remove_if(panel.curves.begin(), panel.curves.end(), is_flat),
                     panel.curves.end());
  return one_panel("queue", std::move(panel));
}

Plot utilisation_plot(const RunResult& result) {
  Panel panel = time_panel(result, "utilisation (%)");
  panel.curves = curves_of(result, "utilisation_share", 0.01);
  return one_panel("utilisation", std::move(panel));
}

Plot sweep_metric_plot(const std::vector<SweepSummaryRow>& rows, const std::string& metric,
                       const std::string& plot_name) {
  Panel panel;
  Curve curve;
  curve.style = Curve::Style::kPoints;
  for (const SweepSummaryRow& row : rows) {
    if (row.metric.name != metric) continue;
    const Shown as = shown(row.metric.unit);
    panel.y_label = metric + as.unit;
    const auto x = static_cast<double>(panel.x_names.size());
    panel.x_names.push_back(row.combination.empty() ? "all runs" : row.combination);
    if (row.estimate.samples == 0) continue;
    curve.points.emplace_back(x, row.estimate.mean / as.divisor);
    curve.intervals.push_back(row.estimate.ci95.value_or(0) / as.divisor);
  }
  if (!curve.points.empty()) panel.curves.push_back(std::move(curve));
  Plot plot = one_panel(plot_name, std::move(panel));
  plot.width = 500;  // two of them stand side by side
  plot.height = 270;
  return plot;
}

std::string figure_of(const Plot& plot, const std::string& caption) {
  if (plot.panels.empty()) return "";
  std::string picture;
  try {
    picture = draw_svg(plot);
  } catch (const PlotError& error) {
    picture = "<p class=\"soft\">No plot: " + escape_html(error.what()) + "</p>\n";
  }
  return "<figure class=\"plot\">\n" + picture +
         (caption.empty()
              ? ""
              : "<figcaption class=\"soft\">" + escape_html(caption) + "</figcaption>") +
         "</figure>\n";
}

}  // namespace violin
