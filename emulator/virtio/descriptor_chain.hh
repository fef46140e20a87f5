#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace violin {

// One chain of buffers that a guest made available, translated: what it wrote, and behind that
// what is to be written. Valid until the next chain is taken.
struct DescriptorChain {
  using Parts = std::span<const std::span<std::byte>>;

  uint16_t head = 0;  // its first descriptor, by which it is given back
  Parts readable;
  Parts writable;
};

// Walks through the buffers of a chain as through one run of bytes.
class ChainCursor {
 public:
  explicit ChainCursor(DescriptorChain::Parts parts) : parts_(parts) {
    for (const std::span<std::byte> part : parts) left_ += part.size();
  }

  uint64_t left() const { return left_; }
  // The next bytes that lie in one piece, `most` of them or fewer; at least one while any are left
  // and `most` is not 0.
  std::span<std::byte> next(size_t most) {
    while (!parts_.empty() && at_ == parts_.front().size()) {
      parts_ = parts_.subspan(1);
      at_ = 0;
    }
    if (parts_.empty()) return {};
    const std::span<std::byte> rest = parts_.front().subspan(at_);
    const std::span<std::byte> piece = rest.first(std::min(most, rest.size()));
    at_ += piece.size();
    left_ -= piece.size();
    return piece;
  }
  // Copies the next bytes, each read once; false when fewer are left.
  bool read(std::span<std::byte> to) {
    if (to.size() > left_) return false;
    while (!to.empty()) {
      const std::span<std::byte> piece = next(to.size());
      std::memcpy(to.data(), piece.data(), piece.size());
      to = to.subspan(piece.size());
    }
    return true;
  }

 private:
  DescriptorChain::Parts parts_;
  size_t at_ = 0;  // in the first of them
  uint64_t left_ = 0;
};

}  // namespace violin
