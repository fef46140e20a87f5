#pragma once

#include <string>
#include <vector>

#include "emulator/results/run_result.hh"

// What the report of a run and that of a sweep have in common.

namespace violin {

// Name, verdict, digest, seed, parameters, machine, times.
std::string report_header(const RunResult& result);

// The expectations as a table; each failed one followed by its explanation and linked to its plot
// when `run` says of which run they are.
std::string expectations_part(const std::vector<ExpectationOutcome>& outcomes,
                              const RunResult* run);

// Where the figures come from: "Simulated: …" under the virtual clock, "Measured …" under the real.
std::string origin_note(const RunIdentity& identity);

// "3 of 5 expectations failed", as a coloured badge.
std::string verdict_badge(const std::vector<ExpectationOutcome>& outcomes, bool interrupted);

// A grid of "name: value", both HTML already.
std::string facts(const std::vector<std::pair<std::string, std::string>>& entries);

// One line each of pandas and R for the tables beside the report.
std::string reading_part(bool of_sweep);

// Tables show at most this many rows; the rest is in the files beside the report.
inline constexpr size_t kReportRowsMax = 40;

// "The first 40 of 90; all of them are in flows.csv." when not all are shown.
std::string cut_note(size_t shown, size_t all, const std::string& file);

// A duration of a summary, or a dash when the summary is of nothing.
std::string duration_cell(const DurationSummary& summary, Duration value);

// `content`, a table of `rows` rows, behind a line that opens and closes it: closed when it is
// long, so that it does not push plots off the screen.
std::string folded(const std::string& title, size_t rows, const std::string& content);

// The drawing of the network in its natural size, or the page's width when that is less.
std::string topology_figure(const std::string& svg);

}  // namespace violin
