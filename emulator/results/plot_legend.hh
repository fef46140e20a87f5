#pragma once

#include <cstddef>

#include "emulator/results/plot.hh"

namespace violin {

// How the names of a panel's curves are laid out: gnuplot keeps no room for them when margins are
// given, so it has to be known beforehand how many rows they take.
struct LegendLayout {
  size_t columns = 0;
  size_t rows = 0;  // 0 = no curve has a name
};

// For a panel that is `width` wide, axis labels included. Widths of letters are those of usual
// sans-serif fonts, rounded up.
LegendLayout legend_of(const Panel& panel, int width);

// Names on the x axis that would run into each other are turned.
bool has_turned_names(const Panel& panel);
// Lines of text that turned names reach further down than others.
double depth_of_names(const Panel& panel);

}  // namespace violin
