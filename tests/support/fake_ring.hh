#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "emulator/virtio/virtqueue.hh"

namespace violin::testing {

// The driver's side of a split virtqueue, as Linux's virtio_ring.c does it, in memory that begins
// at the guest's address `base`; and whatever no driver would do.
class FakeRing {
 public:
  static constexpr uint16_t kNext = 1;
  static constexpr uint16_t kWrite = 2;
  static constexpr uint16_t kIndirect = 4;

  struct Descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
  };
  struct Used {
    uint32_t head;
    uint32_t length;
  };

  FakeRing() = default;
  // The ring lies at memory[at, …).
  FakeRing(std::span<std::byte> memory, uint64_t base, size_t at, uint32_t size)
      : memory_(memory), base_(base), at_(at), size_(size) {
    for (uint32_t i = size; i-- > 0;) free_.push_back(static_cast<uint16_t>(i));
    lengths_.resize(size);
  }

  // Its place with user addresses that begin at `user_base`.
  Virtqueue::Place place(uint64_t user_base) const {
    return {size_, user_base + at_, user_base + available_at(), user_base + used_at()};
  }
  uint32_t size() const { return size_; }
  size_t free_descriptors() const { return free_.size(); }

  // Makes a chain of these available, seen by the device after offer().
  uint16_t add(const std::vector<Descriptor>& buffers) {
    std::vector<uint16_t> taken;
    for (size_t i = 0; i < buffers.size(); ++i) {
      taken.push_back(free_.back());
      free_.pop_back();
    }
    for (size_t i = 0; i < buffers.size(); ++i) {
      Descriptor descriptor = buffers[i];
      if (i + 1 < buffers.size()) {
        descriptor.flags |= kNext;
        descriptor.next = taken[i + 1];
      }
      write_descriptor(taken[i], descriptor);
    }
    lengths_[taken[0]] = taken;
    add_head(taken[0]);
    return taken[0];
  }
  // The same by one descriptor: the buffers stand in a table at memory[table, …).
  uint16_t add_indirect(std::vector<Descriptor> buffers, size_t table) {
    for (size_t i = 0; i < buffers.size(); ++i) {
      if (i + 1 < buffers.size()) {
        buffers[i].flags |= kNext;
        buffers[i].next = static_cast<uint16_t>(i + 1);
      }
      std::memcpy(memory_.data() + table + i * sizeof(Descriptor), &buffers[i], sizeof(Descriptor));
    }
    const auto length = static_cast<uint32_t>(buffers.size() * sizeof(Descriptor));
    return add({{base_ + table, length, kIndirect, 0}});
  }
  void add_head(uint16_t head) {
    word(available_at() + 4 + size_t{2} * (available_ & (size_ - 1))) = head;
    ++available_;
    ++added_;
  }
  void offer() { store(available_at() + 2, available_); }
  // Whether the device asked to be told of what was offered since the last call.
  bool wants_kick() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto before = static_cast<uint16_t>(available_ - added_);
    added_ = 0;
    if (!event_index) return (load(used_at()) & 1) == 0;
    const uint16_t event = load(used_at() + 4 + size_t{8} * size_);
    return static_cast<uint16_t>(available_ - event - 1) <
           static_cast<uint16_t>(available_ - before);
  }

  std::optional<Used> take_used() {
    if (load(used_at() + 2) == last_used_) return std::nullopt;
    Used used;
    std::memcpy(&used, memory_.data() + used_at() + 4 + sizeof used * (last_used_ & (size_ - 1)),
                sizeof used);
    ++last_used_;
    if (asks_for_interrupts) set_used_event(last_used_);
    for (const uint16_t descriptor : lengths_.at(used.head)) free_.push_back(descriptor);
    lengths_[used.head].clear();
    return used;
  }
  void set_used_event(uint16_t index) { store(available_at() + 4 + size_t{2} * size_, index); }
  void set_available_flags(uint16_t flags) { store(available_at(), flags); }
  void set_available_index(uint16_t index) { store(available_at() + 2, available_ = index); }
  // Begins with all indices at `index`.
  void begin_at(uint16_t index) {
    available_ = last_used_ = index;
    store(available_at() + 2, index);
    store(used_at() + 2, index);
    set_used_event(index);
  }
  uint16_t available_index() const { return available_; }
  uint16_t used_index() const { return load(used_at() + 2); }

  void write_descriptor(uint16_t index, const Descriptor& descriptor) {
    std::memcpy(memory_.data() + at_ + index * sizeof descriptor, &descriptor, sizeof descriptor);
  }

  bool event_index = true;
  bool asks_for_interrupts = true;

 private:
  size_t available_at() const { return at_ + size_t{16} * size_; }
  size_t used_at() const { return (available_at() + 6 + size_t{2} * size_ + 3) / 4 * 4; }
  uint16_t& word(size_t at) const { return *reinterpret_cast<uint16_t*>(memory_.data() + at); }
  uint16_t load(size_t at) const {
    return std::atomic_ref<uint16_t>(word(at)).load(std::memory_order_acquire);
  }
  void store(size_t at, uint16_t value) {
    std::atomic_ref<uint16_t>(word(at)).store(value, std::memory_order_release);
  }

  std::span<std::byte> memory_;
  uint64_t base_ = 0;
  size_t at_ = 0;
  uint32_t size_ = 0;
  uint16_t available_ = 0;
  uint16_t added_ = 0;
  uint16_t last_used_ = 0;
  std::vector<uint16_t> free_;
  std::vector<std::vector<uint16_t>> lengths_;  // the descriptors of a chain, by head
};

}  // namespace violin::testing
