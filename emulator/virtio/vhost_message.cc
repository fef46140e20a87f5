#include "emulator/virtio/vhost_message.hh"

namespace violin {
namespace {

struct TableHeader {
  uint32_t count;
  uint32_t padding;
};

struct TableEntry {
  uint64_t guest_address;
  uint64_t size;
  uint64_t user_address;
  uint64_t file_offset;
};

}  // namespace

std::optional<std::vector<MemoryRegion>> memory_table_of(const VhostMessage& message) {
  const std::optional<TableHeader> header = message.read<TableHeader>();
  if (!header || header->count == 0 || header->count > GuestMemory::kRegionsMax) {
    return std::nullopt;
  }
  const std::span<const std::byte> entries = message.payload().subspan(sizeof(TableHeader));
  const size_t room = entries.size() / sizeof(TableEntry);
  if (entries.size() % sizeof(TableEntry) != 0 || room < header->count ||
      room > GuestMemory::kRegionsMax) {
    return std::nullopt;
  }
  std::vector<MemoryRegion> regions;
  for (size_t i = 0; i < header->count; ++i) {
    TableEntry entry;
    std::memcpy(&entry, entries.data() + i * sizeof entry, sizeof entry);
    regions.push_back({entry.guest_address, entry.size, entry.user_address, entry.file_offset});
  }
  return regions;
}

}  // namespace violin
