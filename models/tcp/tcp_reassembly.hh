#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/payload.hh"

namespace violin {

// Bytes that arrived before those in front of them, by position, and the selective acknowledgments
// that tell the peer about them (RFC 2018). Empty, and without memory, while nothing is missing.
//
// Bounded by the receive window, which the caller keeps to, and by kPiecesMax descriptors.
class TcpReassembly {
 public:
  static constexpr size_t kPiecesMax = 16'384;
  struct Range {
    int64_t begin = 0;
    int64_t end = 0;
    bool contains(const Range& other) const { return begin <= other.begin && other.end <= end; }
  };

  bool empty() const { return pieces_.empty(); }
  // Whether every byte of `range` is held.
  bool holds(const Range& range) const;
  // Keeps those bytes of `payload` that are not held yet. False, and nothing is kept, when there
  // are too many descriptors.
  bool insert(int64_t begin, const Payload& payload);
  // Takes out the bytes at `position`, as many as are held in one descriptor; empty when the byte
  // there is missing. What lies before `position` is forgotten.
  Payload take(int64_t position);
  // At most `limit` ranges held, that of the latest arrival first. Returns how many.
  int ranges(std::array<Range, 4>& out, int limit) const;

 private:
  struct Piece {
    int64_t begin;
    Payload payload;
    int64_t end() const { return begin + payload.size(); }
  };

  size_t first_piece_ending_after(int64_t position) const;
  void insert_piece(size_t index, int64_t begin, Payload payload);
  void join_ranges(Range range);
  void note_arrival(int64_t position);

  std::vector<Piece> pieces_;                      // by position, disjoint
  std::vector<Range> ranges_;                      // the same, contiguous ones joined
  std::array<int64_t, 4> recent_{-1, -1, -1, -1};  // positions in ranges that grew lately
};

}  // namespace violin
