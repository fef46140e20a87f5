#include "emulator/results/result_reader.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "emulator/results/result_tables.hh"
#include "emulator/results/summary.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

std::ifstream open(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file)) {
    throw InputError(Place{file.string(), 0, 0},
                     std::string("cannot be read: ") + std::strerror(errno));
  }
  return in;
}

using TableReader = void (*)(std::istream&, const std::string&, RunResult&);

void read_table(const fs::path& file, TableReader read, RunResult& result) {
  std::ifstream in = open(file);
  read(in, file.string(), result);
}

}  // namespace

RunResult read_result(const fs::path& folder, ReadDepth depth) {
  const fs::path summary = folder / "summary.json";
  std::ostringstream text;
  text << open(summary).rdbuf();
  RunResult result = parse_summary(text.str(), summary.string());
  // Ping and flow tables are always read: what metrics say of the window is taken from them.
  read_table(folder / "pings.csv", read_pings, result);
  read_table(folder / "flows.csv", read_flows, result);
  if (depth == ReadDepth::kMetrics) return result;
  read_table(folder / "series.csv", read_series, result);
  read_table(folder / "digest.csv", read_digests, result);
  read_table(folder / "events.jsonl", read_event_log, result);
  return result;
}

std::vector<fs::path> run_folders(const fs::path& folder) {
  if (fs::exists(folder / "summary.json")) return {folder};
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    // `latest` would count its run twice; hidden folders are unfinished.
    if (entry.is_symlink() || name.front() == '.') continue;
    if (fs::exists(entry.path() / "summary.json")) found.push_back(entry.path());
  }
  if (found.empty()) {
    throw InputError(Place{folder.string(), 0, 0},
                     "no results here; allowed: a folder with summary.json, or a sweep of such");
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    const std::string x = a.filename().string();
    const std::string y = b.filename().string();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  });
  return found;
}

std::vector<FoundRun> found_runs(const std::vector<std::string>& folders) {
  std::vector<FoundRun> found;
  std::set<fs::path> known;
  for (const std::string& folder : folders) {
    for (const fs::path& run : run_folders(folder)) {
      if (known.insert(fs::canonical(run)).second) found.push_back({folder, run});
    }
  }
  return found;
}

}  // namespace violin
