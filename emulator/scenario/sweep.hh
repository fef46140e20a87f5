#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/scenario/scenario_source.hh"

// The `sweep:` of a scenario: which points `violin run` makes of it.
//   a map of lists   the product; the first key varies slowest: {crypt: [none, aes-256-gcm],
//                    seed: 1..10} is twenty points, paired by seed
//   a list of maps   each map is one row, so one point; a key it leaves out keeps its value
// Every key is a parameter of the scenario, or `seed`. A list may be written as a range of whole
// numbers, 1..10. At most 100 000 points.

namespace violin {

struct SweepPoint {
  std::map<std::string, std::string> params;  // of the swept parameters only
  uint64_t seed = 1;
};

// The points in file order; one when the scenario has no sweep. A key that the command line sets
// (--set, --seed) is not swept: points that become equal are made once. Throws InputError, also
// where more than one point is left and an expectation selects by such a key.
std::vector<SweepPoint> sweep_points(const ScenarioSource& source, const Overrides& overrides);

}  // namespace violin
