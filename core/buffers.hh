#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// Bounded memory for frames. One BufferPools belongs to one network (or one slice of it); nothing
// in it is shared between threads, so reference counts are plain integers.

namespace violin {

struct FrameBlock;
class BufferPools;

// Thrown when a pool's limit is reached: it ends a virtual run (too small a limit would otherwise
// change results silently); a real-time driver counts it as a drop.
class PoolExhausted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Payload bytes that several frames may share; immutable once shared.
struct Slot {
  BufferPools* pools;
  uint32_t references;
  uint32_t capacity;
  std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
};

struct BufferLimits {
  size_t frames = size_t{1} << 22;  // 4 Mi frames, 1.8 GiB when all are in flight
  size_t slot_bytes = size_t{4} << 30;
};

class BufferPools {
 public:
  explicit BufferPools(BufferLimits limits = {});
  ~BufferPools();
  BufferPools(const BufferPools&) = delete;
  BufferPools& operator=(const BufferPools&) = delete;

  FrameBlock* take_frame();
  void give_back(FrameBlock* block) noexcept;
  // A slot of at least `size` bytes with one reference; contents undefined. size <= 65 536.
  Slot* take_slot(size_t size);
  void give_back(Slot* slot) noexcept;

  size_t frames_in_use() const { return frames_in_use_; }
  size_t frames_in_use_max() const { return frames_in_use_max_; }
  size_t slots_in_use() const { return slots_in_use_; }

 private:
  void grow_frames();

  BufferLimits limits_;
  FrameBlock* free_frames_ = nullptr;
  std::vector<std::unique_ptr<FrameBlock[]>> chunks_;
  size_t frames_made_ = 0;
  size_t frames_in_use_ = 0;
  size_t frames_in_use_max_ = 0;
  std::vector<Slot*> free_small_, free_large_;
  size_t slot_bytes_made_ = 0;
  size_t slots_in_use_ = 0;
};

}  // namespace violin
