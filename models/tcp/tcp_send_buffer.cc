#include "models/tcp/tcp_send_buffer.hh"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/check.hh"

namespace violin {
namespace {

// A descriptor that grew beyond this starts a new one, so that 32 bits always hold its length.
constexpr uint32_t kPieceBytesMax = uint32_t{1} << 30;

}  // namespace

int64_t TcpSendBuffer::append(const Payload& payload) {
  drop_released_pieces();
  const auto taken = static_cast<uint32_t>(std::min<int64_t>(payload.size(), room()));
  if (taken == 0) return 0;
  const Payload part = payload.slice(0, taken);
  const bool joins = pieces() > 0 && pieces_.back().payload.size() < kPieceBytesMax &&
                     pieces_.back().payload.extend(part);
  if (!joins) pieces_.push_back({end_, part});
  end_ += taken;
  return taken;
}

void TcpSendBuffer::drop_released_pieces() {
  while (first_ < pieces_.size() && pieces_[first_].end() <= begin_) {
    pieces_[first_].payload = {};
    ++first_;
  }
  if (first_ == pieces_.size()) {
    pieces_.clear();
    first_ = 0;
  } else if (first_ > 64 && first_ > pieces_.size() / 2) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  cursor_ = first_;
  // A bulk stream's one descriptor grows at its end for ever: cut what is acknowledged.
  if (first_ < pieces_.size() && pieces_[first_].payload.size() >= kPieceBytesMax / 2) {
    Piece& piece = pieces_[first_];
    const auto released = static_cast<uint32_t>(std::max<int64_t>(begin_ - piece.begin, 0));
    piece.payload = piece.payload.slice(released, piece.payload.size() - released);
    piece.begin += released;
  }
}

size_t TcpSendBuffer::piece_at(int64_t position) const {
  size_t low = first_;
  size_t high = pieces_.size();
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    (pieces_[middle].begin <= position ? low : high) = middle;
  }
  return low;
}

Payload TcpSendBuffer::slice(int64_t position, uint32_t length, BufferPools& pools) {
  if (length == 0) return {};
  CHECK_COMPARE(position, >=, begin_);
  CHECK_COMPARE(position + length, <=, end_);
  if (pieces_[cursor_].begin > position || pieces_[cursor_].end() <= position) {
    cursor_ = piece_at(position);
  }
  const Piece& piece = pieces_[cursor_];
  const auto from = static_cast<uint32_t>(position - piece.begin);
  if (position + length <= piece.end()) return piece.payload.slice(from, length);

  std::array<std::byte, 65'536> bytes;
  CHECK_COMPARE(length, <=, bytes.size());
  uint32_t done = 0;
  while (done < length) {
    const Piece& source = pieces_[cursor_];
    const auto at = static_cast<uint32_t>(position + done - source.begin);
    const uint32_t count = std::min(length - done, source.payload.size() - at);
    source.payload.copy_to(std::span(bytes).subspan(done, count), at);
    done += count;
    if (done < length) ++cursor_;
  }
  return Payload::of_bytes(pools, std::span(bytes).first(length));
}

void TcpSendBuffer::truncate(int64_t position) {
  CHECK_COMPARE(position, >=, begin_);
  while (pieces() > 0 && pieces_.back().begin >= position) pieces_.pop_back();
  if (pieces() > 0 && pieces_.back().end() > position) {
    Piece& piece = pieces_.back();
    piece.payload = piece.payload.slice(0, static_cast<uint32_t>(position - piece.begin));
  }
  end_ = std::min(end_, position);
  cursor_ = first_;
}

void TcpSendBuffer::clear() {
  std::vector<Piece>().swap(pieces_);
  first_ = cursor_ = 0;
  begin_ = end_;
}

}  // namespace violin
