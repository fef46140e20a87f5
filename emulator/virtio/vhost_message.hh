#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "emulator/os/file_descriptor.hh"
#include "emulator/virtio/guest_memory.hh"

// The messages of vhost-user (QEMU's docs/interop/vhost-user.rst; Linux's
// arch/um/drivers/vhost_user.h): a header, a payload, and descriptors beside them. Integers are in
// the byte order of the machine.

namespace violin {

// What a guest asks for, on the connection that it made.
enum class VhostRequest : uint32_t {
  kGetFeatures = 1,
  kSetFeatures = 2,
  kSetOwner = 3,
  kResetOwner = 4,
  kSetMemTable = 5,
  kSetVringNum = 8,
  kSetVringAddr = 9,
  kSetVringBase = 10,
  kGetVringBase = 11,
  kSetVringKick = 12,
  kSetVringCall = 13,
  kSetVringErr = 14,
  kGetProtocolFeatures = 15,
  kSetProtocolFeatures = 16,
  kGetQueueNum = 17,
  kSetVringEnable = 18,
  kSetBackendRequestFd = 21,
  kGetConfig = 24,
  kSetConfig = 25,
  kVringKick = 35,
};

// What a backend asks for, on the channel that the guest gave it.
enum class VhostBackendRequest : uint32_t { kConfigChange = 2, kVringCall = 4 };

struct VhostHeader {
  static constexpr uint32_t kVersion = 1;
  static constexpr uint32_t kVersionMask = 3;  // of flags
  static constexpr uint32_t kReply = 4;
  static constexpr uint32_t kNeedReply = 8;

  uint32_t request = 0;
  uint32_t flags = kVersion;
  uint32_t size = 0;  // of the payload, bytes
};

// Payloads.
struct VhostVringState {
  uint32_t index = 0;
  uint32_t number = 0;
};
struct VhostVringAddress {
  uint32_t index = 0;
  uint32_t flags = 0;
  uint64_t descriptors = 0;
  uint64_t used = 0;
  uint64_t available = 0;
  uint64_t log = 0;
};
struct VhostVringDescriptor {  // the descriptor itself comes beside it
  static constexpr uint64_t kIndexMask = 0xff;
  static constexpr uint64_t kNone = 0x100;  // there is no descriptor
  uint64_t bits = 0;
};
struct VhostConfigRange {  // `size` bytes of the configuration follow
  static constexpr uint32_t kSizeMax = 256;
  uint32_t offset = 0;
  uint32_t size = 0;
  uint32_t flags = 0;
};

struct VhostMessage {
  static constexpr size_t kHeaderSize = sizeof(VhostHeader);
  static constexpr size_t kPayloadMax = sizeof(VhostConfigRange) + VhostConfigRange::kSizeMax;
  static constexpr size_t kDescriptorsMax = GuestMemory::kRegionsMax;

  VhostHeader header;
  std::array<std::byte, kPayloadMax> bytes;
  std::vector<FileDescriptor> descriptors;

  std::span<const std::byte> payload() const { return std::span(bytes).first(header.size); }
  bool needs_reply() const { return (header.flags & VhostHeader::kNeedReply) != 0; }
  // What its payload begins with; nothing when that is shorter.
  template <class Payload>
  std::optional<Payload> read() const {
    Payload value;
    if (header.size < sizeof value) return std::nullopt;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
};

// The regions of a SET_MEM_TABLE. Linux 6.12 sends room for two in any case; nothing when the
// payload is not that of the number of regions it says, or of more.
std::optional<std::vector<MemoryRegion>> memory_table_of(const VhostMessage& message);

}  // namespace violin
