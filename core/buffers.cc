#include "core/buffers.hh"

#include <algorithm>
#include <new>

#include "core/check.hh"
#include "core/frame.hh"

namespace violin {
namespace {

constexpr size_t kFramesPerChunk = 256;
constexpr uint32_t kSmallSlot = 2'048;
constexpr uint32_t kLargeSlot = 65'536;

}  // namespace

BufferPools::BufferPools(BufferLimits limits) : limits_(limits) {}

BufferPools::~BufferPools() {
  for (Slot* slot : free_small_) ::operator delete(slot);
  for (Slot* slot : free_large_) ::operator delete(slot);
}

void BufferPools::grow_frames() {
  if (frames_made_ >= limits_.frames) {
    throw PoolExhausted("more than " + std::to_string(limits_.frames) + " frames are in flight");
  }
  const size_t count = std::min(kFramesPerChunk, limits_.frames - frames_made_);
  // for_overwrite: 256 blocks are 100 KB, and every field is set when a frame is taken.
  chunks_.push_back(std::make_unique_for_overwrite<FrameBlock[]>(count));
  FrameBlock* blocks = chunks_.back().get();
  for (size_t i = count; i-- > 0;) {
    blocks[i].pools = this;
    blocks[i].next = free_frames_;
    free_frames_ = &blocks[i];
  }
  frames_made_ += count;
}

FrameBlock* BufferPools::take_frame() {
  if (free_frames_ == nullptr) [[unlikely]]
    grow_frames();
  FrameBlock* block = free_frames_;
  free_frames_ = block->next;
  block->begin = block->end = FrameBlock::kHeadroom;
  block->gso_size = 0;
  block->checksum_good = false;
  if (++frames_in_use_ > frames_in_use_max_) frames_in_use_max_ = frames_in_use_;
  return block;
}

void BufferPools::give_back(FrameBlock* block) noexcept {
  block->payload = {};
  block->next = free_frames_;
  free_frames_ = block;
  --frames_in_use_;
}

Slot* BufferPools::take_slot(size_t size) {
  CHECK_COMPARE(size, <=, kLargeSlot);
  const uint32_t capacity = size <= kSmallSlot ? kSmallSlot : kLargeSlot;
  std::vector<Slot*>& free_list = capacity == kSmallSlot ? free_small_ : free_large_;
  if (free_list.empty()) {
    if (slot_bytes_made_ + capacity > limits_.slot_bytes) {
      throw PoolExhausted("more than " + std::to_string(limits_.slot_bytes) +
                          " bytes of payload are in flight");
    }
    slot_bytes_made_ += capacity;
    auto* made = static_cast<Slot*>(::operator new(sizeof(Slot) + capacity));
    made->pools = this;
    made->capacity = capacity;
    free_list.push_back(made);
  }
  Slot* slot = free_list.back();
  free_list.pop_back();
  slot->references = 1;
  ++slots_in_use_;
  return slot;
}

void BufferPools::give_back(Slot* slot) noexcept {
  (slot->capacity == kSmallSlot ? free_small_ : free_large_).push_back(slot);
  --slots_in_use_;
}

}  // namespace violin
