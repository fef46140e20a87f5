#include "emulator/results/plot.hh"

#include <string_view>

#include "emulator/os/child_process.hh"
#include "emulator/os/filter_program.hh"

// Runs the gnuplot program for plot.hh.

namespace violin {
namespace {

// What `gnuplot -d` (no start-up files, which could change the picture) makes of `script`.
std::string run_gnuplot(const std::string& script) {
  try {
    FilterOutput drawn = run_filter({"gnuplot", "-d", "-"}, script);
    if (drawn.status != 0) throw PlotError("gnuplot failed: " + drawn.errors);
    return std::move(drawn.output);
  } catch (const ProgramMissing& missing) {
    throw PlotError(missing.what());
  }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::string draw_svg(const Plot& plot) {
  std::string svg = run_gnuplot(gnuplot_script(plot));
  const size_t start = svg.find("<svg");
  if (start == std::string::npos) throw PlotError("gnuplot drew nothing");
  svg.erase(0, start);
  // gnuplot gives every group a colour of its own, which would stand between the page and its
  // plots.
  for (const char* colour : {"black", "gray", "white"}) {
    replace_all(svg, "<g fill=\"none\" color=\"" + std::string(colour) + "\"", "<g fill=\"none\"");
  }
  // The stand-in for the page's own text colour, in the two ways gnuplot writes colours.
  replace_all(svg, "rgb(  1,   2,   3)", "currentColor");
  replace_all(svg, "rgb(1,2,3)", "currentColor");
  replace_all(svg, "#010203", "currentColor");
  return svg;
}

}  // namespace violin
