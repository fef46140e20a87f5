#pragma once

#include <filesystem>
#include <string>

#include "emulator/results/run_result.hh"

// Turns a RunResult into the files of a run: summary.json, series.csv, flows.csv, links.csv,
// pings.csv, digest.csv, events.jsonl and junit.xml. A run that was interrupted is written just so,
// marked in the summary. Captures, frames.bin and scenario.yaml are written by others; report.html
// is report.hh's.

namespace violin {

// Writes into `folder`, which exists: the working() of a ResultFolder, so that nothing is ever
// seen half-written. Throws std::runtime_error naming the file.
void write_result(const RunResult& result, const std::filesystem::path& folder);

// One test case per expectation, for CI systems. An interrupted run is an error.
std::string junit_text(const RunResult& result);

}  // namespace violin
