#include "emulator/results/plot.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "emulator/results/csv.hh"
#include "emulator/results/plot_legend.hh"
#include "emulator/results/plot_stack.hh"
#include "emulator/results/text_columns.hh"

namespace violin {
namespace {

constexpr size_t kBuckets = 600;
constexpr std::array<const char*, 7> kPalette = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#e69f00", "#56b4e9", "#8c6bb1"};
// Stands for "the colour of the page's text" until draw_svg() replaces it.
constexpr const char* kTextColour = "#010203";
constexpr const char* kGridColour = "#9a9a9a";

// gnuplot's single-quoted strings know no escapes but the doubled quote. Line ends would end the
// command, so they become spaces.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "'";
}

std::string data_name(size_t panel, size_t curve) { return fmt::format("$d{}_{}", panel, curve); }

bool has_bars(const Panel& panel) {
  return std::any_of(panel.curves.begin(), panel.curves.end(),
                     [](const Curve& curve) { return curve.style == Curve::Style::kBars; });
}

// Curves of a panel with names on its x axis stand beside each other, not on top.
double x_shift(const Panel& panel, size_t curve) {
  if (panel.x_names.empty() || panel.is_stacked || panel.curves.size() < 2) return 0;
  const double step = 0.8 / static_cast<double>(panel.curves.size());
  return (static_cast<double>(curve) - static_cast<double>(panel.curves.size() - 1) / 2) * step;
}

std::string data_block(const Panel& panel, size_t panel_number, size_t number) {
  const Curve& curve = panel.curves[number];
  std::string text = data_name(panel_number, number) + " << EOD\n";
  const bool thin = curve.intervals.empty() && panel.x_names.empty();
  const auto points = thin ? thinned(curve.points, kBuckets) : curve.points;
  const double shift = x_shift(panel, number);
  for (size_t i = 0; i < points.size(); ++i) {
    if (!std::isfinite(points[i].first) || !std::isfinite(points[i].second)) {
      text += "\n";  // a gap in the line
      continue;
    }
    text += double_text(points[i].first + shift) + " " + double_text(points[i].second);
    if (i < curve.intervals.size()) text += " " + double_text(curve.intervals[i]);
    text += "\n";
  }
  return text + "EOD\n";
}

int colour_of(const Curve& curve, size_t number) {
  return curve.colour >= 0 ? curve.colour : static_cast<int>(number);
}

std::string curve_command(const Panel& panel, size_t panel_number, size_t number) {
  const Curve& curve = panel.curves[number];
  const std::string data = data_name(panel_number, number);
  const std::string colour = palette_colour(colour_of(curve, number));
  const std::string title = curve.name.empty() ? "notitle" : "title " + quoted(curve.name);
  std::string with;
  switch (curve.style) {
    case Curve::Style::kLines:
      with = "lines lw 1.6";
      break;
    case Curve::Style::kSteps:
      with = "steps lw 1.6";
      break;
    case Curve::Style::kPoints:
      with = "points pt 7 ps 0.45";
      break;
    case Curve::Style::kBars:
      with = "boxes fs solid 0.75 noborder";
      break;
  }
  if (curve.intervals.empty()) {
    return fmt::format("{} using 1:2 with {} lc rgb '{}' {}", data, with, colour, title);
  }
  if (curve.style != Curve::Style::kBars) {
    return fmt::format("{} using 1:2:3 with yerrorbars pt 7 ps 0.6 lw 1.4 lc rgb '{}' {}", data,
                       colour, title);
  }
  // The whiskers of bars are lines of their own: gnuplot's error bars would blot out their middle.
  return fmt::format(
      "{0} using 1:2 with {1} lc rgb '{2}' {3}, "
      "{0} using 1:($2-$3):(0):(2*$3) with vectors heads size screen 0.006,90 lw 1.4 lc rgb '{4}' "
      "notitle",
      data, with, colour, title, kTextColour);
}

std::string x_tics(const Panel& panel) {
  if (panel.x_names.empty()) return "set xtics auto\n";
  std::string names;
  for (size_t i = 0; i < panel.x_names.size(); ++i) {
    names += fmt::format("{}{} {}", i == 0 ? "" : ", ", quoted(panel.x_names[i]), i);
  }
  const bool turned = has_turned_names(panel);
  return fmt::format("set xtics {} ({})\n", turned ? "rotate by -35" : "norotate", names);
}

std::string marks_commands(const Panel& panel) {
  std::string text = "unset arrow\nunset label\n";
  double last_label = -1e300;
  const double span = panel.x_range ? panel.x_range->second - panel.x_range->first : 0;
  for (const Mark& mark : panel.marks) {
    text +=
        fmt::format("set arrow from {0}, graph 0 to {0}, graph 1 nohead dt 2 lc rgb '{1}' back\n",
                    double_text(mark.at), kGridColour);
    // Labels of events that follow closely would lie on top of each other.
    if (mark.label.empty() || mark.at - last_label < span * 0.06) continue;
    text += fmt::format("set label {} at {}, graph 1 center offset 0,0.5 font ',9' tc rgb '{}'\n",
                        quoted(mark.label), double_text(mark.at), kTextColour);
    last_label = mark.at;
  }
  for (const Mark& level : panel.levels) {
    text += fmt::format(
        "set arrow from graph 0, first {0} to graph 1, first {0} nohead dt 3 lc rgb '{1}'\n",
        double_text(level.at), kTextColour);
    text += fmt::format("set label {} at graph 0.01, first {} offset 0,0.5 font ',9' tc rgb '{}'\n",
                        quoted(level.label), double_text(level.at), kTextColour);
  }
  return text;
}

std::string ranges(const Panel& panel) {
  std::string text = "set xrange [*:*] noextend\n";
  if (!panel.x_names.empty()) {
    // One or two bars alone shall not be as wide as the page.
    constexpr double kNamesMin = 3;
    const auto names = static_cast<double>(panel.x_names.size());
    const double side = 0.6 + (has_bars(panel) ? std::max(0.0, kNamesMin - names) / 2 : 0);
    text = fmt::format("set xrange [{}:{}]\n", double_text(-side), double_text(names - 1 + side));
  } else if (panel.x_range) {
    text = fmt::format("set xrange [{}:{}]\n", double_text(panel.x_range->first),
                       double_text(panel.x_range->second));
  }
  text += panel.x_logarithmic ? "set logscale x\n" : "unset logscale x\n";
  // Curves that are 0 throughout still need a scale.
  double lowest = 0;
  double highest = 0;
  for (const Curve& curve : panel.curves) {
    for (size_t i = 0; i < curve.points.size(); ++i) {
      const double reach = i < curve.intervals.size() ? curve.intervals[i] : 0;
      lowest = std::min(lowest, curve.points[i].second - reach);
      highest = std::max(highest, curve.points[i].second + reach);
    }
  }
  for (const Mark& level : panel.levels) {
    lowest = std::min(lowest, level.at);
    highest = std::max(highest, level.at);
  }
  if (!panel.y_from_zero) return text + "set yrange [*:*]\n";
  if (lowest == 0 && highest == 0) return text + "set yrange [0:1]\n";
  const double room = (highest - lowest) * 0.08;
  return text + fmt::format("set yrange [{}:{}]\n", double_text(lowest < 0 ? lowest - room : 0),
                            double_text(highest > 0 ? highest + room : 0));
}

// Below the panel, or above it where the names of bars stand below, long and slanted perhaps.
std::string legend_command(const Panel& panel, const LegendLayout& legend) {
  if (legend.rows == 0) return "unset key\n";
  return fmt::format("set key outside {} center horizontal maxcols {} tc rgb '{}'\n",
                     panel.x_names.empty() ? "bottom" : "top", legend.columns, kTextColour);
}

std::string panel_commands(const Panel& panel, size_t number, const LegendLayout& legend) {
  std::string text;
  text += "set title " + quoted(panel.title) + fmt::format(" tc rgb '{}'\n", kTextColour);
  text += "set xlabel " + quoted(panel.x_label) + fmt::format(" tc rgb '{}'\n", kTextColour);
  text += "set ylabel " + quoted(panel.y_label) + fmt::format(" tc rgb '{}'\n", kTextColour);
  text += ranges(panel) + x_tics(panel) + marks_commands(panel);
  if (has_bars(panel)) {
    const size_t beside = panel.is_stacked ? 1 : std::max<size_t>(1, panel.curves.size());
    text +=
        fmt::format("set boxwidth {} absolute\n", double_text(0.72 / static_cast<double>(beside)));
  }
  text += legend_command(panel, legend);
  text += "plot ";
  for (size_t i = 0; i < panel.curves.size(); ++i) {
    text += (i == 0 ? "" : ", \\\n     ") + curve_command(panel, number, i);
  }
  return text + "\n";
}

}  // namespace

std::string palette_colour(int index) {
  return kPalette[static_cast<size_t>(index) % kPalette.size()];
}

std::string gnuplot_script(const Plot& plot) {
  // Room for legends and turned names, the same in all panels so that their axes align.
  constexpr double kAxisLines = 3.4;
  constexpr double kLegendLine = 1.3;
  constexpr int kLineHeight = 16;
  std::vector<Panel> panels;
  std::vector<LegendLayout> legends;
  size_t rows = 0;
  double names = 0;
  for (const Panel& panel : plot.panels) {
    panels.push_back(panel.is_stacked ? unstacked(panel) : panel);
    legends.push_back(legend_of(panel, plot.width / static_cast<int>(plot.panels.size())));
    rows = std::max(rows, legends.back().rows);
    names = std::max(names, depth_of_names(panel));
  }
  const bool is_below = !panels.empty() && panels.front().x_names.empty();
  const double below =
      (is_below && rows > 0 ? 0.5 + kLegendLine * static_cast<double>(rows) : 0) + names;
  // A legend of one row and short names are what the plot's height was chosen for.
  const double more =
      std::max(0.0, below - 3) + (rows > 1 && !is_below ? static_cast<double>(rows - 1) : 0);
  std::string text = fmt::format(
      "set encoding utf8\n"
      "set terminal svg size {},{} dynamic noenhanced font 'sans-serif,12' name {}\n"
      "set border 3 lc rgb '{}'\n"
      "set tics nomirror out scale 0.6 tc rgb '{}'\n"
      "set grid ytics lc rgb '{}' lw 0.5 dt 3\n"
      "set samples 2\n",
      plot.width, plot.height + static_cast<int>(more * kLineHeight), quoted(plot.name),
      kTextColour, kTextColour, kGridColour);
  for (size_t i = 0; i < panels.size(); ++i) {
    for (size_t j = 0; j < panels[i].curves.size(); ++j) text += data_block(panels[i], i, j);
  }
  text += fmt::format("set bmargin {:.4g}\n", kAxisLines + below);
  if (panels.size() > 1) text += fmt::format("set multiplot layout 1,{}\n", panels.size());
  for (size_t i = 0; i < panels.size(); ++i) text += panel_commands(panels[i], i, legends[i]);
  if (panels.size() > 1) text += "unset multiplot\n";
  return text;
}

}  // namespace violin
