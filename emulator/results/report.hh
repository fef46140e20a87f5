#pragma once

#include <filesystem>
#include <string>

#include "emulator/results/run_result.hh"
#include "emulator/results/sweep_result.hh"

// report.html: what a run, or a sweep, shows at a glance. One file that needs no other: plots are
// inline SVG, nothing is fetched, no scripts. It holds summaries only; every number in full is in
// the tables, and the last section says how to read those. Without gnuplot it is made without
// plots, and says so. Equal results give equal reports, but for machine and wall time.

namespace violin {

struct ReportOptions {
  std::string topology_svg;  // a drawing of the topology, or empty
};

std::string report_text(const RunResult& result, const ReportOptions& options = {});

// Comparison plots with 95 % intervals, compare entries over pairs, and one line per run.
std::string sweep_report_text(const SweepResult& sweep, const std::string& name,
                              const ReportOptions& options = {});

// The section of a run's report that shows what this metric is about: "goodput", "rtt", "queues",
// "drops", "flows" …: for links from expectations.
std::string anchor_of_metric(const RunResult& result, const std::string& metric);

}  // namespace violin
