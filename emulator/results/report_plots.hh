#pragma once

#include <string>

#include "emulator/results/plot.hh"
#include "emulator/results/run_result.hh"
#include "emulator/results/sweep_result.hh"

// Which plots a report has. A plot without curves means that there is nothing to show.

namespace violin {

Plot goodput_plot(const RunResult& result);      // tcp and udp, Mbit/s over time
Plot rtt_plot(const RunResult& result);          // of pings over time, beside their distribution
Plot queue_plot(const RunResult& result);        // the fullest queues over time
Plot utilisation_plot(const RunResult& result);  // the busiest links over time
// Means with 95 % intervals of one metric for each combination of the sweep's parameters.
Plot sweep_metric_plot(const std::vector<SweepSummaryRow>& rows, const std::string& metric,
                       const std::string& plot_name);

// The plot as a figure, empty when there is nothing to show, or a sentence when gnuplot is missing.
std::string figure_of(const Plot& plot, const std::string& caption);

}  // namespace violin
