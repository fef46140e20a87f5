#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Integers in network byte order at unaligned places, as every header on the wire has them.

namespace violin {

inline uint16_t load_be16(const std::byte* from) {
  uint16_t value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap16(value);
}
inline uint32_t load_be32(const std::byte* from) {
  uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap32(value);
}
inline uint64_t load_be64(const std::byte* from) {
  uint64_t value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap64(value);
}
inline uint64_t load_be48(const std::byte* from) {
  return uint64_t{load_be16(from)} << 32 | load_be32(from + 2);
}
inline void store_be16(std::byte* to, uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(to, &value, sizeof value);
}
inline void store_be32(std::byte* to, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(to, &value, sizeof value);
}
inline void store_be64(std::byte* to, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(to, &value, sizeof value);
}
inline void store_be48(std::byte* to, uint64_t value) {
  store_be16(to, static_cast<uint16_t>(value >> 32));
  store_be32(to + 2, static_cast<uint32_t>(value));
}

static_assert(std::endian::native == std::endian::little, "byte swaps assume a little-endian CPU");

}  // namespace violin
