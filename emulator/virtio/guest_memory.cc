#include "emulator/virtio/guest_memory.hh"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <system_error>
#include <utility>

namespace violin {
namespace {

bool overflows(uint64_t from, uint64_t length) { return from + length < from; }

std::span<std::byte> part_of(std::byte* first, uint64_t begin, uint64_t size, uint64_t address,
                             uint64_t length) {
  if (address < begin) return {};
  const uint64_t offset = address - begin;
  if (offset >= size || length > size - offset) return {};
  return {first + offset, length};
}

}  // namespace

GuestMemory::Mapping::Mapping(const MemoryRegion& what, std::byte* pages, size_t mapped,
                              std::byte* begin)
    : region(what), first(begin), pages_(pages), mapped_(mapped) {}

GuestMemory::Mapping::Mapping(Mapping&& other) noexcept
    : region(other.region),
      guard(std::move(other.guard)),
      first(other.first),
      pages_(std::exchange(other.pages_, nullptr)),
      mapped_(other.mapped_) {}

GuestMemory::Mapping::~Mapping() {
  // First nobody may lay anything over it any more.
  guard = MemoryGuard();
  if (pages_ != nullptr) ::munmap(pages_, mapped_);
}

std::string GuestMemory::map(std::span<const MemoryRegion> regions,
                             std::span<const FileDescriptor> files) {
  unmap();
  if (regions.empty() || regions.size() > kRegionsMax) return "memory of no or too many regions";
  if (regions.size() != files.size()) return "not one memory file for each region";
  regions_.reserve(regions.size());
  for (size_t i = 0; i < regions.size(); ++i) {
    std::string wrong = map_one(regions[i], files[i]);
    if (wrong.empty()) continue;
    unmap();
    return wrong;
  }
  return {};
}

std::string GuestMemory::map_one(const MemoryRegion& region, const FileDescriptor& file) try {
  if (region.size == 0 || region.size > kRegionBytesMax) return "a region of impossible size";
  if (overflows(region.guest_address, region.size) || overflows(region.user_address, region.size) ||
      overflows(region.file_offset, region.size)) {
    return "a region beyond the last address";
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return "memory that is not a file";
  }
  if (region.file_offset + region.size > static_cast<uint64_t>(status.st_size)) {
    return "a memory file shorter than its region";
  }
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  const uint64_t before = region.file_offset % page;
  const uint64_t mapped = (before + region.size + page - 1) / page * page;
  void* pages = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
                       file.get(), static_cast<off_t>(region.file_offset - before));
  if (pages == MAP_FAILED) return "memory that cannot be mapped: " + std::string(strerror(errno));
  auto* begin = static_cast<std::byte*>(pages);
  regions_.emplace_back(region, begin, mapped, begin + before).guard = MemoryGuard(pages, mapped);
  return {};
} catch (const std::system_error& error) {
  return error.what();
}

std::span<std::byte> GuestMemory::at_guest(uint64_t address, uint64_t length) const {
  for (const Mapping& mapping : regions_) {
    const MemoryRegion& region = mapping.region;
    const auto found = part_of(mapping.first, region.guest_address, region.size, address, length);
    if (!found.empty()) return found;
  }
  return {};
}

std::span<std::byte> GuestMemory::at_user(uint64_t address, uint64_t length) const {
  for (const Mapping& mapping : regions_) {
    const MemoryRegion& region = mapping.region;
    const auto found = part_of(mapping.first, region.user_address, region.size, address, length);
    if (!found.empty()) return found;
  }
  return {};
}

bool GuestMemory::was_taken_away() const {
  for (const Mapping& mapping : regions_) {
    if (mapping.guard.was_hit()) return true;
  }
  return false;
}

}  // namespace violin
