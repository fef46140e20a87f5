#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emulator/results/run_result.hh"

// Reads back what result_writer.hh wrote. Everything in a RunResult comes back as it was.

namespace violin {

enum class ReadDepth {
  kMetrics,  // what metrics need: no series, digests or events
  kAll,
};

// Throws InputError naming the file that is missing or wrong.
RunResult read_result(const std::filesystem::path& folder, ReadDepth depth = ReadDepth::kAll);

// The folders of single runs that `folder` stands for: itself, or the points of a sweep (its
// subfolders with a summary.json), in the natural order of their names. Throws InputError when it
// holds no results.
std::vector<std::filesystem::path> run_folders(const std::filesystem::path& folder);

// The same of several, each with the folder that it was found in. A run is there once, however
// often it was named: a shell's * gives `latest` too, a link to one of the others.
struct FoundRun {
  std::string folder;
  std::filesystem::path run;
};
std::vector<FoundRun> found_runs(const std::vector<std::string>& folders);

}  // namespace violin
