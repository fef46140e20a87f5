#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/sweep.hh"

namespace violin {

// How the points of a sweep are run: each as a process of its own, `jobs` at a time, into
// FOLDER/001, 002 …, so that a point that fails stops no other. A point is run only when it is
// missing: not there, interrupted, made by another build of this program, under the other clock, or
// from another scenario.
struct SweepRunOptions {
  std::filesystem::path scenario_file;
  std::filesystem::path folder;  // exists
  Overrides overrides;
  std::string clock = "virtual";  // or "real"
  std::filesystem::path hosts;    // a hosts file; empty = none
  unsigned jobs = 1;
  std::optional<unsigned> parallel;  // parts of each point's network (violin run --parallel)
  bool record = false;
  bool quiet = false;
};

struct SweepRunOutcome {
  size_t run = 0;                   // points that were run now
  size_t kept = 0;                  // points that were there already
  std::vector<std::string> failed;  // "007: why"
  bool interrupted = false;
};

SweepRunOutcome run_sweep(const std::vector<SweepPoint>& points, const SweepRunOptions& options);

}  // namespace violin
