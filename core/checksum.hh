#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// The Internet checksum (RFC 1071) and its incremental update (RFC 1624).

namespace violin {

// What a run of bytes adds up to, in a form that two adjacent runs can be combined in O(1) whatever
// their alignment: the Internet checksum and the frame digest are both made from it.
struct ByteSums {
  uint64_t even = 0;      // of the bytes at even positions of the run
  uint64_t odd = 0;       // of those at odd positions
  uint64_t weighted = 0;  // of position x byte, modulo 2^64: tells permuted bytes apart
  uint64_t length = 0;

  // This run followed by `next`.
  ByteSums followed_by(const ByteSums& next) const {
    const bool swapped = length % 2 != 0;
    return {even + (swapped ? next.odd : next.even), odd + (swapped ? next.even : next.odd),
            weighted + next.weighted + length * (next.even + next.odd), length + next.length};
  }
  // The ones-complement sum of the run as big-endian 16-bit words, not folded.
  uint64_t word_sum() const { return (even << 8) + odd; }
  bool operator==(const ByteSums&) const = default;
};

// O(n); n < 2^24, so that nothing overflows.
ByteSums sum_bytes(std::span<const std::byte> bytes);

// The ones-complement sum of `bytes` as big-endian 16-bit words, not folded; an odd last byte is
// padded with zero. Cheaper than sum_bytes where only a checksum is wanted.
uint64_t word_sum(std::span<const std::byte> bytes);

// Folds a sum of 16-bit words to 16 bits.
inline uint16_t fold_checksum(uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffff'ffff);
  sum = (sum >> 32) + (sum & 0xffff'ffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<uint16_t>((sum >> 16) + (sum & 0xffff));
}

// The value that goes into a checksum field over words that sum to `sum` (field counted as zero).
inline uint16_t checksum_of(uint64_t sum) { return static_cast<uint16_t>(~fold_checksum(sum)); }

// RFC 1624, equation 3: the checksum after one 16-bit word of the covered data changed.
inline uint16_t updated_checksum(uint16_t checksum, uint16_t before, uint16_t after) {
  const uint64_t sum =
      uint64_t{static_cast<uint16_t>(~checksum)} + static_cast<uint16_t>(~before) + after;
  return checksum_of(sum);
}

}  // namespace violin
