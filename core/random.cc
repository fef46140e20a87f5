#include "core/random.hh"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/check.hh"

namespace violin {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): spreads one word over a generator's whole state.
uint64_t split_mix(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

uint64_t stable_hash(std::string_view text, uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = split_mix(seed);
}

uint64_t Random::below(uint64_t bound) {
  CHECK(bound > 0);
  using Wide = unsigned __int128;
  Wide product = Wide{next()} * bound;
  if (static_cast<uint64_t>(product) < bound) {
    const uint64_t threshold = -bound % bound;
    while (static_cast<uint64_t>(product) < threshold) product = Wide{next()} * bound;
  }
  return static_cast<uint64_t>(product >> 64);
}

Random substream(uint64_t seed, std::string_view entity, std::string_view purpose) {
  return Random(stable_hash(purpose, stable_hash(entity, seed)));
}

}  // namespace violin
