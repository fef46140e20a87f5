#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/buffers.hh"
#include "core/payload.hh"

namespace violin {

// What the application wrote and the peer has not acknowledged: payload descriptors by position
// (see tcp_sequence.hh). Bytes of one stream that follow each other are one descriptor however many
// they are, so a bulk transfer needs no memory.
//
// Limits: `capacity` bytes, and kPiecesMax descriptors.
class TcpSendBuffer {
 public:
  static constexpr size_t kPiecesMax = 65'536;

  explicit TcpSendBuffer(int64_t capacity) : capacity_(capacity) {}

  // The position behind the last byte.
  int64_t end() const { return end_; }
  int64_t capacity() const { return capacity_; }
  // Bytes that append() would take now.
  int64_t room() const { return pieces() < kPiecesMax ? capacity_ - (end_ - begin_) : 0; }

  // Takes as much of the payload as there is room for and returns how many bytes that is.
  int64_t append(const Payload& payload);
  // Bytes [position, position + length), all of them held here. One payload is one run of memory,
  // so a slice over several descriptors of real bytes is copied into a slot of `pools`.
  Payload slice(int64_t position, uint32_t length, BufferPools& pools);
  // Forgets everything before `position`.
  void release_until(int64_t position) { begin_ = position; }
  // Forgets everything from `position` on, which is not before the first byte held.
  void truncate(int64_t position);
  // Gives the memory back; nothing is held any more.
  void clear();

 private:
  struct Piece {
    int64_t begin;
    Payload payload;
    int64_t end() const { return begin + payload.size(); }
  };

  size_t pieces() const { return pieces_.size() - first_; }
  void drop_released_pieces();
  size_t piece_at(int64_t position) const;

  int64_t capacity_;
  int64_t begin_ = 1;
  int64_t end_ = 1;
  std::vector<Piece> pieces_;  // those before first_ are released
  size_t first_ = 0;
  size_t cursor_ = 0;  // the piece of the last slice: the next one is there or right behind
};

}  // namespace violin
