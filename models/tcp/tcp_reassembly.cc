#include "models/tcp/tcp_reassembly.hh"

#include <algorithm>
#include <utility>

namespace violin {
namespace {

// The first element of `sorted` that ends after `position`.
template <typename Sorted, typename End>
size_t first_ending_after(const Sorted& sorted, int64_t position, End end_of) {
  return static_cast<size_t>(
      std::partition_point(sorted.begin(), sorted.end(),
                           [&](const auto& element) { return end_of(element) <= position; }) -
      sorted.begin());
}

}  // namespace

size_t TcpReassembly::first_piece_ending_after(int64_t position) const {
  if (pieces_.empty() || pieces_.back().end() <= position) return pieces_.size();
  return first_ending_after(pieces_, position, [](const Piece& piece) { return piece.end(); });
}

bool TcpReassembly::holds(const Range& range) const {
  const size_t at =
      first_ending_after(ranges_, range.begin, [](const Range& held) { return held.end; });
  return at < ranges_.size() && ranges_[at].contains(range);
}

void TcpReassembly::insert_piece(size_t index, int64_t begin, Payload payload) {
  if (index > 0 && pieces_[index - 1].end() == begin &&
      pieces_[index - 1].payload.extend(payload)) {
    return;
  }
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(index), {begin, std::move(payload)});
}

bool TcpReassembly::insert(int64_t begin, const Payload& payload) {
  if (pieces_.size() >= kPiecesMax) return false;
  const int64_t end = begin + payload.size();
  int64_t at = begin;
  while (at < end) {
    const size_t index = first_piece_ending_after(at);
    const int64_t held = index < pieces_.size() ? pieces_[index].begin : end;
    if (held <= at) {
      at = pieces_[index].end();
      continue;
    }
    const int64_t gap_end = std::min(held, end);
    insert_piece(
        index, at,
        payload.slice(static_cast<uint32_t>(at - begin), static_cast<uint32_t>(gap_end - at)));
    at = gap_end;
  }
  join_ranges({begin, end});
  note_arrival(begin);
  return true;
}

void TcpReassembly::join_ranges(Range range) {
  // Ranges that touch `range` are joined too: hence the -1.
  const size_t first =
      first_ending_after(ranges_, range.begin - 1, [](const Range& held) { return held.end; });
  size_t last = first;
  while (last < ranges_.size() && ranges_[last].begin <= range.end) {
    range.begin = std::min(range.begin, ranges_[last].begin);
    range.end = std::max(range.end, ranges_[last].end);
    ++last;
  }
  const auto at = ranges_.begin() + static_cast<std::ptrdiff_t>(first);
  if (first == last) {
    ranges_.insert(at, range);
  } else {
    *at = range;
    ranges_.erase(at + 1, ranges_.begin() + static_cast<std::ptrdiff_t>(last));
  }
}

void TcpReassembly::note_arrival(int64_t position) {
  std::rotate(recent_.begin(), recent_.end() - 1, recent_.end());
  recent_[0] = position;
}

Payload TcpReassembly::take(int64_t position) {
  const size_t done = first_piece_ending_after(position);
  const auto begin = pieces_.begin();
  pieces_.erase(begin, begin + static_cast<std::ptrdiff_t>(done));
  while (!ranges_.empty() && ranges_.front().end <= position) ranges_.erase(ranges_.begin());
  if (pieces_.empty() || pieces_.front().begin > position) return {};
  Piece& piece = pieces_.front();
  const auto skipped = static_cast<uint32_t>(position - piece.begin);
  Payload payload = piece.payload.slice(skipped, piece.payload.size() - skipped);
  pieces_.erase(pieces_.begin());
  return payload;
}

int TcpReassembly::ranges(std::array<Range, 4>& out, int limit) const {
  int count = 0;
  const auto add = [&](const Range& range) {
    for (int i = 0; i < count; ++i) {
      if (out[i].begin == range.begin) return;
    }
    out[count++] = range;
  };
  for (const int64_t position : recent_) {
    if (count == limit || position < 0) break;
    const size_t at =
        first_ending_after(ranges_, position, [](const Range& held) { return held.end; });
    if (at < ranges_.size() && ranges_[at].begin <= position) add(ranges_[at]);
  }
  for (size_t i = 0; i < ranges_.size() && i < 4 && count < limit; ++i) add(ranges_[i]);
  return count;
}

}  // namespace violin
