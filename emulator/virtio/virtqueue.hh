#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "emulator/virtio/descriptor_chain.hh"
#include "emulator/virtio/guest_memory.hh"

namespace violin {

// The device's side of a split virtqueue (Virtual I/O Device specification 1.2, section 2.7), with
// indirect descriptors and event indices. Everything in the ring is the guest's to change at any
// moment: each value is read once, checked, and used as it was read. The first rule that is broken
// ends the queue: it has `trouble()` and no more chains.
class Virtqueue {
 public:
  static constexpr uint32_t kSizeMax = 1024;  // entries; also of an indirect table, and of a chain

  static constexpr uint64_t kFeatureIndirect = uint64_t{1} << 28;
  static constexpr uint64_t kFeatureEventIndex = uint64_t{1} << 29;

  // Where the guest says the queue lies: user addresses (MemoryRegion).
  struct Place {
    uint32_t size = 0;  // entries; a power of two
    uint64_t descriptors = 0;
    uint64_t available = 0;
    uint64_t used = 0;
  };

  // Begins with the available entry number `next`. Says what is wrong with the place; an empty text
  // when all is well. The memory stays where it is until stop().
  std::string_view start(const GuestMemory& memory, const Place& place, uint16_t next,
                         uint64_t features);
  void stop();
  bool is_started() const { return memory_ != nullptr; }
  // What the guest did wrong; empty while it did nothing wrong.
  std::string_view trouble() const { return trouble_; }

  // Takes the next chain; nullptr when there is none, or when it breaks a rule.
  const DescriptorChain* take();
  // Gives a taken chain back with `written` bytes in it; the guest sees that after publish().
  void use(uint16_t head, uint32_t written);
  // Where the queue is, and going back there: of what was taken and used since, and not published,
  // nothing has happened.
  struct Mark {
    uint16_t next = 0;
    uint16_t used = 0;
  };
  Mark mark() const { return {next_, used_}; }
  void go_back(Mark mark);
  // The available entry that is taken next.
  uint16_t next() const { return next_; }

  // Shows the guest what was used since the last time, all at once. True when it wants to be
  // interrupted for it.
  bool publish();

  // Asks the guest to say when there is more. False when there already is: then take() is to be
  // tried again.
  bool ask_for_kick();
  // The same where what is there was not enough: asks to hear of more than take() has seen.
  bool ask_for_more();
  // Asks the guest to say nothing.
  void suppress_kicks();

 private:
  struct Descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
  };
  struct Table {
    std::span<std::byte> bytes;
    uint32_t count = 0;
  };

  bool ask_beyond(uint16_t index);
  bool find_available();
  bool follow(uint16_t head);
  bool enter_indirect(const Descriptor& descriptor, Table& table);
  bool add_part(const Descriptor& descriptor);
  static Descriptor read_descriptor(const Table& table, uint32_t index);
  bool fail(std::string_view reason);
  bool has_event_index() const { return (features_ & kFeatureEventIndex) != 0; }
  void set_available_event(uint16_t index);

  const GuestMemory* memory_ = nullptr;
  Table descriptors_;
  std::span<std::byte> available_;
  std::span<std::byte> used_ring_;
  uint64_t features_ = 0;
  uint16_t mask_ = 0;
  uint16_t available_index_ = 0;  // as last read
  uint16_t next_ = 0;
  uint16_t used_ = 0;       // entries written to the used ring …
  uint16_t published_ = 0;  // … and shown to the guest
  bool suppressed_ = false;
  std::vector<std::span<std::byte>> parts_;
  size_t readable_ = 0;  // of the parts
  DescriptorChain chain_;
  std::string_view trouble_;
};

}  // namespace violin
