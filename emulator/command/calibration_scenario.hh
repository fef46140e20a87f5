#pragma once

#include <string_view>
#include <vector>

#include "emulator/results/run_result.hh"
#include "emulator/results/tunnel_calibration.hh"
#include "emulator/scenario/sweep.hh"

namespace violin {

// What `violin calibrate` runs in real time: two overlay hosts on a cable that does nothing, a
// virtual machine on each, and one thing after the other, so that each is measured alone.
std::string_view calibration_scenario();

// Every cipher once per round, so that what drifts drifts under all of them; the seed is the round,
// from 1.
std::vector<SweepPoint> calibration_points(uint64_t rounds);

// What one of these runs measured. Throws std::runtime_error that says what is missing.
CalibrationRound calibration_round(const RunResult& result);

}  // namespace violin
