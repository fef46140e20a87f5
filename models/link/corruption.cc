#include "models/link/corruption.hh"

#include <cstdint>
#include <span>

namespace violin {

void corrupt_one_bit(Frame& frame, Random& random) {
  if (frame.size() == 0) return;
  const uint64_t bit = random.below(uint64_t{frame.size()} * 8);
  const auto at = static_cast<uint32_t>(bit / 8);
  const auto mask = static_cast<std::byte>(1u << (bit % 8));
  if (at < frame.header_size()) {
    frame.headers()[at] ^= mask;
  } else {
    frame.writable_payload()[at - frame.header_size()] ^= mask;
  }
  frame.set_checksum_good(false);
}

}  // namespace violin
