#include "core/checksum.hh"

#include "core/byte_order.hh"

namespace violin {

ByteSums sum_bytes(std::span<const std::byte> bytes) {
  ByteSums sums;
  sums.length = bytes.size();
  size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    const auto high = static_cast<uint64_t>(bytes[i]);
    const auto low = static_cast<uint64_t>(bytes[i + 1]);
    sums.even += high;
    sums.odd += low;
    sums.weighted += i * high + (i + 1) * low;
  }
  if (i < bytes.size()) {
    const auto last = static_cast<uint64_t>(bytes[i]);
    sums.even += last;
    sums.weighted += i * last;
  }
  return sums;
}

uint64_t word_sum(std::span<const std::byte> bytes) {
  // 32-bit big-endian words add up to the same ones-complement sum once folded.
  uint64_t sum = 0;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 4; at += 4, left -= 4) sum += load_be32(at);
  if (left >= 2) {
    sum += load_be16(at);
    at += 2;
    left -= 2;
  }
  if (left == 1) sum += static_cast<uint64_t>(*at) << 8;
  return sum;
}

}  // namespace violin
