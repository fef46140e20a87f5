#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/scenario/calibration.hh"
#include "emulator/scenario/place.hh"
#include "models/link/wire_spec.hh"

// The text of a scenario before it is understood, what the command line puts over it, and the files
// it names. The only part of the scenario readers that opens files.

namespace violin {

struct ScenarioSource {
  std::string text;
  std::string file;                 // for messages
  std::filesystem::path directory;  // graphs, traces and matrices are named relative to it
};

// Reads a scenario file. Throws InputError when it cannot be read.
ScenarioSource load_scenario_source(const std::filesystem::path& path);

// What the command line puts over the file: --set name=value, --seed and --single stand before its
// own values, a --calibration behind them.
struct Overrides {
  std::map<std::string, std::string> params;
  std::optional<uint64_t> seed;
  std::optional<Calibration> calibration;
  bool is_single = false;  // one run of the file's own parameters is wanted, not its sweep
};

// The files that a scenario names. A file is read once, whole, only if it is a regular file of at
// most 256 MiB: a scenario that names a device or a pipe gets an error, not a hang.
class ScenarioFiles {
 public:
  explicit ScenarioFiles(std::filesystem::path directory);

  // The text of a file; `place` is where the scenario names it.
  std::string text(const Place& place, const std::string& name) const;
  // A Mahimahi trace; links that name the same file share it.
  std::shared_ptr<const RateTrace> trace(const Place& place, const std::string& name);
  // The same trace as an equal one that was seen before, so that links share it.
  std::shared_ptr<const RateTrace> shared_trace(RateTrace trace);

 private:
  std::filesystem::path directory_;
  std::map<std::string, std::shared_ptr<const RateTrace>> traces_;
  std::map<std::vector<uint32_t>, std::shared_ptr<const RateTrace>> inline_traces_;
};

}  // namespace violin
