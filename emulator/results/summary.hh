#pragma once

#include <string>
#include <vector>

#include "emulator/results/run_result.hh"

// summary.json: everything about a run that is not a table over time or over frames. Its shape is
// emulator/results/summary.schema.json; `schema` in it counts up when a reader of the old shape
// would misunderstand the new one. Names end in their unit; what was not measured is null, never
// NaN. Equal runs give equal text except for machine, command, commit, version and the two wall
// times.

namespace violin {

inline constexpr int kSummarySchema = 1;

std::string summary_text(const RunResult& result);

// Reads it back; flows, probes, series and digests stand in the tables. `file` is for messages.
// Throws InputError.
RunResult parse_summary(const std::string& text, const std::string& file);

// The same for the expectations of a sweep (sweep.json).
std::string expectations_text(const std::vector<ExpectationOutcome>& outcomes);
std::vector<ExpectationOutcome> parse_expectations(const std::string& text,
                                                   const std::string& file);

}  // namespace violin
