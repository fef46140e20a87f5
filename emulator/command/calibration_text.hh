#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "emulator/results/sweep_result.hh"
#include "emulator/results/tunnel_calibration.hh"
#include "emulator/scenario/tunnel_cost.hh"

namespace violin {

// What a calibration found, and under which circumstances.
struct CalibrationOutcome {
  std::map<Encryption, TunnelFigures<MedianEstimate>> figures;
  size_t rounds = 0;
  RunIdentity identity;  // of the first run: program, machine, day
  double steal = 0;      // the largest share of its processors' time that a run was without
  size_t valid = 0;      // runs that were by their own verdict
  size_t runs = 0;
};

// From the points of calibration_points(), all run. Throws std::runtime_error when one has not
// measured everything.
CalibrationOutcome calibration_outcome(const SweepResult& sweep);

// The tables for the terminal.
std::string calibration_table(const CalibrationOutcome& outcome);
// The file (calibration.hh), with what it is from in comments.
std::string calibration_file_text(const CalibrationOutcome& outcome);

}  // namespace violin
