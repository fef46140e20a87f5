#include "emulator/virtio/virtqueue.hh"

#include <atomic>
#include <bit>
#include <cstring>

#include "core/check.hh"

namespace violin {
namespace {

// Sections 2.7.5, 2.7.6 and 2.7.8. Everything is little-endian, as we are.
constexpr uint32_t kDescriptorSize = 16;
constexpr uint32_t kRingAt = 4;  // behind flags and index, of either ring
constexpr uint32_t kAvailableEntry = 2;
constexpr uint32_t kUsedEntry = 8;
constexpr uint32_t kEventSize = 2;
constexpr uint16_t kFlagNext = 1;
constexpr uint16_t kFlagWrite = 2;
constexpr uint16_t kFlagIndirect = 4;
constexpr uint16_t kNoInterrupt = 1;  // flags of the available ring
constexpr uint16_t kNoNotify = 1;     // flags of the used ring
// An event index that the guest does not reach before it is written again.
constexpr uint16_t kFarAhead = 0x8000;

template <class Value>
std::atomic_ref<Value> shared(std::span<std::byte> bytes, size_t at) {
  return std::atomic_ref<Value>(*reinterpret_cast<Value*>(bytes.data() + at));
}

bool is_aligned(std::span<const std::byte> bytes, size_t alignment) {
  return reinterpret_cast<uintptr_t>(bytes.data()) % alignment == 0;
}

}  // namespace

std::string_view Virtqueue::start(const GuestMemory& memory, const Place& place, uint16_t next,
                                  uint64_t features) {
  stop();
  if (!std::has_single_bit(place.size) || place.size > kSizeMax) return "a ring of impossible size";
  descriptors_ = {memory.at_user(place.descriptors, uint64_t{place.size} * kDescriptorSize),
                  place.size};
  available_ = memory.at_user(place.available, kRingAt + place.size * kAvailableEntry + kEventSize);
  used_ring_ = memory.at_user(place.used, kRingAt + place.size * kUsedEntry + kEventSize);
  if (descriptors_.bytes.empty() || available_.empty() || used_ring_.empty()) {
    return "a ring outside its memory";
  }
  if (!is_aligned(descriptors_.bytes, 16) || !is_aligned(available_, 2) ||
      !is_aligned(used_ring_, 4)) {
    return "a misaligned ring";
  }
  memory_ = &memory;
  features_ = features;
  mask_ = static_cast<uint16_t>(place.size - 1);
  next_ = available_index_ = next;
  used_ = published_ = shared<uint16_t>(used_ring_, 2).load(std::memory_order_relaxed);
  suppressed_ = false;
  trouble_ = {};
  return {};
}

void Virtqueue::stop() {
  memory_ = nullptr;
  parts_.clear();
}

bool Virtqueue::fail(std::string_view reason) {
  trouble_ = reason;
  return false;
}

// ---- chains -----------------------------------------------------------------------------------

bool Virtqueue::find_available() {
  if (next_ != available_index_) return true;
  const uint16_t index = shared<uint16_t>(available_, 2).load(std::memory_order_acquire);
  if (static_cast<uint16_t>(index - next_) > descriptors_.count) {
    return fail("more entries available than its size");
  }
  available_index_ = index;
  return next_ != available_index_;
}

const DescriptorChain* Virtqueue::take() {
  if (!is_started() || !trouble_.empty() || !find_available()) return nullptr;
  if (static_cast<uint16_t>(used_ - published_) >= descriptors_.count) {
    fail("more chains at a time than its size");
    return nullptr;
  }
  const size_t at = kRingAt + size_t{kAvailableEntry} * (next_ & mask_);
  const uint16_t head = shared<uint16_t>(available_, at).load(std::memory_order_relaxed);
  if (!follow(head)) return nullptr;
  ++next_;
  const DescriptorChain::Parts parts(parts_);
  chain_ = {head, parts.first(readable_), parts.subspan(readable_)};
  return &chain_;
}

bool Virtqueue::follow(uint16_t head) {
  parts_.clear();
  readable_ = 0;
  Table table = descriptors_;
  bool is_indirect = false;
  uint32_t index = head;
  for (uint32_t seen = 1;; ++seen) {
    if (index >= table.count) return fail("a descriptor outside its table");
    if (seen > table.count) return fail("a chain that goes round in a circle");
    const Descriptor descriptor = read_descriptor(table, index);
    const bool has_next = (descriptor.flags & kFlagNext) != 0;
    if ((descriptor.flags & kFlagIndirect) != 0) {
      if (is_indirect || has_next) return fail("an indirect table where none may be");
      if (!enter_indirect(descriptor, table)) return false;
      is_indirect = true;
      index = 0;
      seen = 0;
      continue;
    }
    if (!add_part(descriptor)) return false;
    if (!has_next) return true;
    index = descriptor.next;
  }
}

bool Virtqueue::enter_indirect(const Descriptor& descriptor, Table& table) {
  if ((features_ & kFeatureIndirect) == 0) return fail("an indirect table where none was agreed");
  const uint32_t count = descriptor.length / kDescriptorSize;
  if (descriptor.length % kDescriptorSize != 0 || count == 0 || count > kSizeMax) {
    return fail("an indirect table of impossible size");
  }
  table = {memory_->at_guest(descriptor.address, descriptor.length), count};
  return !table.bytes.empty() || fail("an indirect table outside its memory");
}

bool Virtqueue::add_part(const Descriptor& descriptor) {
  const std::span<std::byte> part = memory_->at_guest(descriptor.address, descriptor.length);
  if (part.empty()) return fail("a buffer outside its memory");
  if (parts_.size() == kSizeMax) return fail("a chain that is too long");
  if ((descriptor.flags & kFlagWrite) == 0) {
    if (readable_ != parts_.size()) return fail("a buffer to read behind one to write");
    ++readable_;
  }
  parts_.push_back(part);
  return true;
}

Virtqueue::Descriptor Virtqueue::read_descriptor(const Table& table, uint32_t index) {
  Descriptor descriptor;
  static_assert(sizeof descriptor == kDescriptorSize);
  std::memcpy(&descriptor, table.bytes.data() + size_t{index} * kDescriptorSize, kDescriptorSize);
  // The compiler may not look again for what the guest may have changed meanwhile.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return descriptor;
}

// ---- giving back ------------------------------------------------------------------------------

void Virtqueue::use(uint16_t head, uint32_t written) {
  CHECK(is_started());
  const size_t at = kRingAt + size_t{kUsedEntry} * (used_ & mask_);
  shared<uint32_t>(used_ring_, at).store(head, std::memory_order_relaxed);
  shared<uint32_t>(used_ring_, at + 4).store(written, std::memory_order_relaxed);
  ++used_;
}

void Virtqueue::go_back(Mark mark) {
  next_ = mark.next;
  used_ = mark.used;
}

bool Virtqueue::publish() {
  if (!is_started() || used_ == published_) return false;
  const uint16_t before = published_;
  published_ = used_;
  shared<uint16_t>(used_ring_, 2).store(used_, std::memory_order_release);
  if (suppressed_) suppress_kicks();
  // The guest writes what it wants and then looks at the index; we do it the other way round.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!has_event_index()) {
    const uint16_t flags = shared<uint16_t>(available_, 0).load(std::memory_order_relaxed);
    return (flags & kNoInterrupt) == 0;
  }
  const size_t at = kRingAt + size_t{kAvailableEntry} * descriptors_.count;
  const uint16_t event = shared<uint16_t>(available_, at).load(std::memory_order_relaxed);
  return static_cast<uint16_t>(used_ - event - 1) < static_cast<uint16_t>(used_ - before);
}

void Virtqueue::set_available_event(uint16_t index) {
  const size_t at = kRingAt + size_t{kUsedEntry} * descriptors_.count;
  shared<uint16_t>(used_ring_, at).store(index, std::memory_order_relaxed);
}

bool Virtqueue::ask_for_kick() { return !is_started() || ask_beyond(next_); }

bool Virtqueue::ask_for_more() { return !is_started() || ask_beyond(available_index_); }

// False when the guest is already further than `index`.
bool Virtqueue::ask_beyond(uint16_t index) {
  suppressed_ = false;
  if (has_event_index()) {
    set_available_event(index);
  } else {
    shared<uint16_t>(used_ring_, 0).store(0, std::memory_order_relaxed);
  }
  // Whoever makes something available looks at our wish afterwards; we look the other way round.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return shared<uint16_t>(available_, 2).load(std::memory_order_acquire) == index;
}

void Virtqueue::suppress_kicks() {
  if (!is_started()) return;
  suppressed_ = true;
  if (has_event_index()) {
    set_available_event(static_cast<uint16_t>(next_ + kFarAhead));
  } else {
    shared<uint16_t>(used_ring_, 0).store(kNoNotify, std::memory_order_relaxed);
  }
}

}  // namespace violin
