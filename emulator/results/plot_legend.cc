#include "emulator/results/plot_legend.hh"

#include <algorithm>

#include "emulator/results/text_columns.hh"

namespace violin {
namespace {

constexpr size_t kLetter = 7;   // of 12 px text
constexpr size_t kSample = 56;  // the piece of line beside a name, and the gaps
constexpr int kAxisRoom = 80;   // left of the y axis

size_t longest_name(const Panel& panel) {
  size_t longest = 0;
  for (const std::string& name : panel.x_names) longest = std::max(longest, text_width(name));
  return longest;
}

}  // namespace

LegendLayout legend_of(const Panel& panel, int width) {
  size_t named = 0;
  size_t longest = 0;
  for (const Curve& curve : panel.curves) {
    if (curve.name.empty()) continue;
    ++named;
    longest = std::max(longest, text_width(curve.name));
  }
  if (named == 0) return {};
  const auto room = static_cast<size_t>(std::max(width - kAxisRoom, 1));
  LegendLayout layout;
  layout.columns = std::clamp<size_t>(room / (longest * kLetter + kSample), 1, named);
  layout.rows = (named + layout.columns - 1) / layout.columns;
  return layout;
}

bool has_turned_names(const Panel& panel) {
  // What stands side by side in a panel of half a page, the least there is, with gaps between.
  constexpr size_t kGapLetters = 2;
  constexpr size_t kRoomLetters = 54;
  return (longest_name(panel) + kGapLetters) * panel.x_names.size() > kRoomLetters;
}

double depth_of_names(const Panel& panel) {
  constexpr double kLinesPerLetter = 0.26;  // at 35 degrees
  if (!has_turned_names(panel)) return 0;
  return std::max(3.0, kLinesPerLetter * static_cast<double>(longest_name(panel)));
}

}  // namespace violin
