#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/buffers.hh"
#include "core/checksum.hh"

// The bytes of a frame after its headers, held without being written out where that is possible.
//
// A payload is empty, or `length` bytes of a *stream* from `offset` on (a fixed pseudo-random
// pattern that stands for what an application sends: any byte, its checksum and its digest are
// known in O(1) from the stream's number), or a slice of a counted slot of real bytes.

namespace violin {

// Byte `offset` of stream `stream`. The pattern has a prime period, so that a segment delivered at
// a wrong offset is seen unless it is displaced by a multiple of 1021 bytes.
std::byte stream_byte(uint64_t stream, uint64_t offset);

class Payload {
 public:
  Payload() noexcept = default;
  static Payload of_stream(uint64_t stream, uint64_t offset, uint32_t length) {
    Payload payload;
    payload.kind_ = length == 0 ? Kind::kEmpty : Kind::kStream;
    payload.length_ = length;
    payload.offset_ = offset;
    payload.stream_ = stream;
    return payload;
  }
  // Copies `bytes` into a slot of its own.
  static Payload of_bytes(BufferPools& pools, std::span<const std::byte> bytes);
  // Takes over the caller's reference to a slot whose bytes [from, from + length) were filled in.
  static Payload of_slot(Slot* slot, uint32_t from, uint32_t length);

  Payload(const Payload& other) noexcept { share(other); }
  Payload(Payload&& other) noexcept { take(other); }
  Payload& operator=(const Payload& other) noexcept {
    if (this != &other) {
      release();
      share(other);
    }
    return *this;
  }
  Payload& operator=(Payload&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~Payload() { release(); }

  uint32_t size() const { return length_; }
  bool empty() const { return length_ == 0; }
  bool is_stream() const { return kind_ == Kind::kStream; }

  // Bytes [from, from + length) of this payload, sharing them.
  Payload slice(uint32_t from, uint32_t length) const;
  // Appends `next` without copying where it continues this payload; false when it does not.
  bool extend(const Payload& next);

  // O(1) for streams, O(n) for slots.
  ByteSums sums() const;
  std::byte at(uint32_t position) const;
  // The bytes where they lie; nothing for a stream, which lies nowhere.
  std::span<const std::byte> stored() const {
    if (kind_ != Kind::kSlot) return {};
    return {slot_->bytes() + offset_, length_};
  }
  // Writes the bytes [from, from + to.size()) out.
  void copy_to(std::span<std::byte> to, uint32_t from = 0) const;
  // True when the bytes are those of `stream` from `offset` on, however they are held.
  bool equals_stream(uint64_t stream, uint64_t offset) const;
  // The bytes to write to, alone owned: copies or materialises first.
  std::span<std::byte> writable(BufferPools& pools);

 private:
  enum class Kind : uint8_t { kEmpty, kStream, kSlot };

  void share(const Payload& other) noexcept {
    copy_fields(other);
    if (kind_ == Kind::kSlot) ++slot_->references;
  }
  void take(Payload& other) noexcept {
    copy_fields(other);
    other.kind_ = Kind::kEmpty;
    other.length_ = 0;
  }
  void copy_fields(const Payload& other) noexcept {
    stream_ = other.stream_;  // the union's other member has the same size
    offset_ = other.offset_;
    length_ = other.length_;
    kind_ = other.kind_;
  }
  void release() noexcept {
    if (kind_ == Kind::kSlot) release_slot();
    kind_ = Kind::kEmpty;
    length_ = 0;
  }
  void release_slot() noexcept;  // out of line: most payloads are empty or a stream

  union {
    uint64_t stream_ = 0;
    Slot* slot_;
  };
  uint64_t offset_ = 0;  // in the stream, or in the slot
  uint32_t length_ = 0;
  Kind kind_ = Kind::kEmpty;
};

}  // namespace violin
