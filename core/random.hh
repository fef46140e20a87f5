#pragma once

#include <cstdint>
#include <string_view>

#include "core/units.hh"

namespace violin {

// A hash that is the same on every machine and in every version: ranks, MAC addresses and random
// substreams are derived from names by it.
uint64_t stable_hash(std::string_view text, uint64_t seed);

// A small deterministic random generator (xoshiro256++, Blackman and Vigna 2019). The library's own
// rather than std::, whose distributions differ between standard libraries. Not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed);

  // 64 uniform bits.
  uint64_t next() {
    const uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  uint32_t next32() { return static_cast<uint32_t>(next() >> 32); }

  // Uniform over [0, bound), without bias (Lemire 2019). bound > 0.
  uint64_t below(uint64_t bound);

  // True with exactly this probability.
  bool chance(Probability probability) { return next32() < probability.parts(); }

 private:
  static constexpr uint64_t rotate(uint64_t value, int by) {
    return (value << by) | (value >> (64 - by));
  }
  uint64_t state_[4];
};

// The generator of one purpose of one entity: substream(seed, "v1/h1--s1>", "loss"). Adding an
// entity or a purpose leaves every other stream as it was.
Random substream(uint64_t seed, std::string_view entity, std::string_view purpose);

}  // namespace violin
