#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "emulator/os/file_descriptor.hh"
#include "emulator/virtio/memory_guard.hh"

namespace violin {

// A piece of a guest's memory, as SET_MEM_TABLE of vhost-user says it.
struct MemoryRegion {
  uint64_t guest_address = 0;  // physical, in the guest
  uint64_t size = 0;           // bytes
  uint64_t user_address = 0;   // where rings are said to lie, in the process that is the guest
  uint64_t file_offset = 0;    // of its first byte in the file that came with it, bytes
};

// The memory of a guest, mapped into ours. An address of the guest's is a number until it was
// translated here; what is not completely inside one region is nowhere. The guest writes to all of
// it at any time, and may take it away (MemoryGuard).
class GuestMemory {
 public:
  static constexpr size_t kRegionsMax = 8;
  static constexpr uint64_t kRegionBytesMax = uint64_t{1} << 36;

  // Maps these instead of what was there, one file for each. Says what is wrong with them, and
  // then nothing is mapped; an empty text when all is well.
  std::string map(std::span<const MemoryRegion> regions, std::span<const FileDescriptor> files);
  void unmap() { regions_.clear(); }
  bool is_mapped() const { return !regions_.empty(); }

  // The bytes [address, address + length); an empty span when they are not in one region, or when
  // the length is 0.
  std::span<std::byte> at_guest(uint64_t address, uint64_t length) const;
  std::span<std::byte> at_user(uint64_t address, uint64_t length) const;

  // The guest took some of it away: what was read since may be zeros, what was written is lost.
  bool was_taken_away() const;

 private:
  class Mapping {
   public:
    Mapping(const MemoryRegion& region, std::byte* pages, size_t mapped, std::byte* first);
    ~Mapping();
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;

    MemoryRegion region;
    MemoryGuard guard;
    std::byte* first;  // of the region

   private:
    std::byte* pages_;
    size_t mapped_;
  };

  std::string map_one(const MemoryRegion& region, const FileDescriptor& file);

  std::vector<Mapping> regions_;
};

}  // namespace violin
