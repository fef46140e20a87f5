#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

// The seeds of a property test. SEED=N in the environment replays that one alone.

namespace violin::testing {

inline std::vector<uint64_t> seeds(uint64_t count, uint64_t first = 1) {
  if (const char* only = std::getenv("SEED")) return {std::strtoull(only, nullptr, 10)};
  std::vector<uint64_t> seeds;
  for (uint64_t seed = first; seed < first + count; ++seed) seeds.push_back(seed);
  return seeds;
}

// Further ones, for release only: test suites of them begin with "Long".
inline std::vector<uint64_t> long_seeds(uint64_t count) { return seeds(count, 1001); }

}  // namespace violin::testing
