#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/check.hh"
#include "core/frame.hh"

namespace violin {

// Where the bytes [from, from + size) of a frame lie in memory: in its headers, its payload, or
// both. The payload is stored (no stream).
class FrameSlice {
 public:
  using Piece = std::span<const std::byte>;

  FrameSlice(const Frame& frame, uint32_t from, uint32_t size) {
    const uint32_t headers = frame.header_size();
    if (from < headers) {
      const uint32_t piece = size < headers - from ? size : headers - from;
      pieces_[count_++] = frame.headers().subspan(from, piece);
      from += piece;
      size -= piece;
    }
    if (size == 0) return;
    const Piece stored = frame.payload().stored();
    CHECK_COMPARE(from - headers + size, <=, stored.size());
    pieces_[count_++] = stored.subspan(from - headers, size);
  }

  std::span<const Piece> pieces() const { return {pieces_.data(), count_}; }

 private:
  std::array<Piece, 2> pieces_;
  size_t count_ = 0;
};

}  // namespace violin
