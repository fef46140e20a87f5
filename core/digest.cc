#include "core/digest.hh"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "core/random.hh"

namespace violin {
namespace {

// Ethernet, IPv4 and TCP with timestamps: what nearly every frame has in front of its payload.
constexpr uint32_t kHashedBytes = 14 + 20 + 32;

uint64_t fold_multiply(uint64_t left, uint64_t right) {
  const auto product = static_cast<unsigned __int128>(left) * right;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

void DigestChain::add(const Frame& frame, Time now) {
  std::byte copy[kHashedBytes];
  const std::span<const std::byte> headers = frame.headers();
  const std::byte* first = headers.data();
  const uint32_t hashed = std::min(kHashedBytes, frame.size());
  ByteSums rest;
  if (headers.size() >= hashed) {
    rest = sum_bytes(headers.subspan(hashed)).followed_by(frame.payload().sums());
  } else {
    frame.copy_to({copy, hashed});
    first = copy;
    rest = frame.slice(hashed, frame.size() - hashed).sums();
  }
  uint64_t mixed = fold_multiply(static_cast<uint64_t>(now.ns()) ^ 0x9e3779b97f4a7c15,
                                 value_ ^ 0xd6e8feb86659fd93);
  mixed ^= fold_multiply(rest.weighted ^ 0xa0761d6478bd642f,
                         (rest.even << 32 ^ rest.odd ^ rest.length << 48) ^ 0xe7037ed1a0b428db);
  value_ = XXH3_64bits_withSeed(first, hashed, mixed);
}

void DigestCombiner::add(std::string_view name, uint64_t value) {
  value_ = fold_multiply(value_ ^ stable_hash(name, value), 0x9fb21c651e98df25) ^ value;
}

}  // namespace violin
