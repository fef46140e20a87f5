#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// A plot as SVG text, drawn by gnuplot. The same plot gives the same text: no time stamps, no font
// metrics of this machine (fonts are the generic sans-serif), fixed sizes. Text and axes take the
// colour of the page around them (currentColor), so it reads on light and dark alike.

namespace violin {

// gnuplot could not be run, or did not like what it was given.
class PlotError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Curve {
  enum class Style { kLines, kSteps, kPoints, kBars };
  std::string name;
  Style style = Style::kLines;
  std::vector<std::pair<double, double>> points;
  // Half-widths of intervals, one per point, or none at all.
  std::vector<double> intervals;
  int colour = -1;  // -1 = the next one of the palette
};

struct Mark {
  double at = 0;
  std::string label;
};

struct Panel {
  std::string title;    // may be empty
  std::string x_label;  // with its unit: "time (s)"
  std::string y_label;
  std::vector<Curve> curves;
  std::vector<Mark> marks;           // vertical lines: events
  std::vector<Mark> levels;          // horizontal lines
  std::vector<std::string> x_names;  // instead of numbers: name i stands at x = i, from 0
  std::optional<std::pair<double, double>> x_range;
  bool x_logarithmic = false;  // all x above 0 then
  bool y_from_zero = true;
  bool is_stacked = false;  // bars stand on those of the curves before; no intervals then
};

struct Plot {
  std::string name;           // unique within a page: SVG ids begin with it. Letters, digits, _
  std::vector<Panel> panels;  // side by side
  int width = 760;            // of the whole
  int height = 300;
};

// The <svg> element, without XML declaration. A curve of many points is thinned to what a screen
// can show, keeping the extremes of each stretch. Throws PlotError.
std::string draw_svg(const Plot& plot);

// The gnuplot script that draws it, for tests and for people who want to change it.
std::string gnuplot_script(const Plot& plot);

// `points` thinned to at most about 2 x `buckets`: the lowest and highest of each bucket, in order.
std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points,
                                               size_t buckets);

// Colours (Okabe and Ito's, which those who see few colours can tell apart), as "#rrggbb".
std::string palette_colour(int index);

}  // namespace violin
