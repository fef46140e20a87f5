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

// "3 of 5 expectations failed", as a coloured badge.
std::string verdict_badge(const std::vector<ExpectationOutcome>& outcomes, bool interrupted);

// A grid of "name: value", both HTML already.
std::string facts(const std::vector<std::pair<std::string, std::string>>& entries);

// One line each of pandas and R for the tables beside the report.
std::string reading_part(bool of_sweep);

}  // namespace violin
