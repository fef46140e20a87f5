#include "core/payload.hh"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/check.hh"
#include "core/random.hh"

namespace violin {
namespace {

constexpr uint32_t kPeriod = 1021;
// Two periods, so that a position's parity and its place in the pattern repeat together.
constexpr uint32_t kTableSize = 2 * kPeriod;

struct PrefixSums {
  uint32_t even, odd;
  uint64_t weighted;
};

// The pattern's bytes and the sums of its first i bytes, for O(1) sums of any range.
struct Pattern {
  std::array<std::byte, kTableSize> bytes;
  std::array<PrefixSums, kTableSize + 1> before;

  Pattern() {
    Random random(0x76696f6c696e);
    for (uint32_t i = 0; i < kPeriod; ++i) {
      bytes[i] = static_cast<std::byte>(random.next() >> 56);
      bytes[i + kPeriod] = bytes[i];
    }
    PrefixSums sums{0, 0, 0};
    for (uint32_t i = 0; i < kTableSize; ++i) {
      before[i] = sums;
      const auto value = static_cast<uint32_t>(bytes[i]);
      (i % 2 == 0 ? sums.even : sums.odd) += value;
      sums.weighted += uint64_t{i} * value;
    }
    before[kTableSize] = sums;
  }

  // Sums of the first `end` bytes of the endless repetition of the table.
  ByteSums first(uint64_t end) const {
    const uint64_t tables = end / kTableSize;
    const PrefixSums& rest = before[end % kTableSize];
    const PrefixSums& whole = before[kTableSize];
    const uint64_t skipped = tables * kTableSize;
    // Position x byte over table number i is that of the first table plus i x kTableSize x its sum.
    const uint64_t displaced = (whole.even + whole.odd) * kTableSize * (tables * (tables - 1) / 2);
    return {tables * whole.even + rest.even, tables * whole.odd + rest.odd,
            tables * whole.weighted + displaced + rest.weighted + skipped * (rest.even + rest.odd),
            end};
  }

  // Sums of `length` bytes from table position `at` on, over the table's end where need be.
  ByteSums range(uint32_t at, uint32_t length) const {
    const PrefixSums& skipped = before[at];
    const ByteSums upto = first(uint64_t{at} + length);
    const uint64_t even = upto.even - skipped.even;
    const uint64_t odd = upto.odd - skipped.odd;
    const uint64_t weighted = upto.weighted - skipped.weighted - at * (even + odd);
    const bool swapped = at % 2 != 0;
    return {swapped ? odd : even, swapped ? even : odd, weighted, length};
  }
};

const Pattern kPattern;

uint32_t table_position(uint64_t stream, uint64_t offset) {
  return static_cast<uint32_t>((stream + offset) % kTableSize);
}

}  // namespace

std::byte stream_byte(uint64_t stream, uint64_t offset) {
  return kPattern.bytes[table_position(stream, offset)];
}

Payload Payload::of_bytes(BufferPools& pools, std::span<const std::byte> bytes) {
  Payload payload;
  if (bytes.empty()) return payload;
  payload.slot_ = pools.take_slot(bytes.size());
  std::memcpy(payload.slot_->bytes(), bytes.data(), bytes.size());
  payload.kind_ = Kind::kSlot;
  payload.length_ = static_cast<uint32_t>(bytes.size());
  return payload;
}

Payload Payload::of_slot(Slot* slot, uint32_t from, uint32_t length) {
  CHECK_COMPARE(from + length, <=, slot->capacity);
  Payload payload;
  payload.slot_ = slot;
  payload.kind_ = Kind::kSlot;
  payload.offset_ = from;
  payload.length_ = length;
  return payload;
}

void Payload::release_slot() noexcept {
  if (--slot_->references == 0) slot_->pools->give_back(slot_);
}

Payload Payload::slice(uint32_t from, uint32_t length) const {
  CHECK_COMPARE(uint64_t{from} + length, <=, length_);
  if (length == 0) return {};
  Payload part(*this);
  part.offset_ += from;
  part.length_ = length;
  return part;
}

bool Payload::extend(const Payload& next) {
  if (next.empty()) return true;
  if (empty()) {
    *this = next;
    return true;
  }
  const bool same_source = kind_ == next.kind_ && stream_ == next.stream_;
  if (!same_source || offset_ + length_ != next.offset_) return false;
  length_ += next.length_;
  return true;
}

ByteSums Payload::sums() const {
  if (kind_ == Kind::kEmpty) return {};
  if (kind_ == Kind::kSlot) return sum_bytes({slot_->bytes() + offset_, length_});
  return kPattern.range(table_position(stream_, offset_), length_);
}

std::byte Payload::at(uint32_t position) const {
  CHECK_COMPARE(position, <, length_);
  return kind_ == Kind::kStream ? stream_byte(stream_, offset_ + position)
                                : slot_->bytes()[offset_ + position];
}

void Payload::copy_to(std::span<std::byte> to, uint32_t from) const {
  CHECK_COMPARE(from + to.size(), <=, length_);
  if (to.empty()) return;
  if (kind_ == Kind::kSlot) {
    std::memcpy(to.data(), slot_->bytes() + offset_ + from, to.size());
    return;
  }
  uint32_t at = table_position(stream_, offset_ + from);
  while (!to.empty()) {
    const size_t piece = std::min<size_t>(to.size(), kTableSize - at);
    std::memcpy(to.data(), kPattern.bytes.data() + at, piece);
    to = to.subspan(piece);
    at = 0;
  }
}

bool Payload::equals_stream(uint64_t stream, uint64_t offset) const {
  if (kind_ == Kind::kEmpty) return true;
  if (kind_ == Kind::kStream) {
    return table_position(stream_, offset_) % kPeriod == table_position(stream, offset) % kPeriod;
  }
  uint32_t at = table_position(stream, offset);
  const std::byte* bytes = slot_->bytes() + offset_;
  for (uint32_t done = 0; done < length_;) {
    const uint32_t piece = std::min(length_ - done, kTableSize - at);
    if (std::memcmp(bytes + done, kPattern.bytes.data() + at, piece) != 0) return false;
    done += piece;
    at = 0;
  }
  return true;
}

std::span<std::byte> Payload::writable(BufferPools& pools) {
  if (kind_ == Kind::kEmpty) return {};
  if (kind_ == Kind::kStream || slot_->references > 1) {
    Payload own;
    own.slot_ = pools.take_slot(length_);
    own.kind_ = Kind::kSlot;
    own.length_ = length_;
    copy_to({own.slot_->bytes(), length_});
    *this = std::move(own);
  }
  return {slot_->bytes() + offset_, length_};
}

}  // namespace violin
