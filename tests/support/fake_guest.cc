#include "tests/support/fake_guest.hh"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "core/check.hh"

namespace violin::testing {
namespace {

constexpr uint64_t kInBand = 1 << 3 | 1 << 5 | 1 << 9 | 1 << 14;
constexpr size_t kRingDistance = 0x1'0000;
constexpr size_t kFrameDistance = 0x1'4000;
constexpr size_t kFrameSlots = 24;

DescriptorPair stream_pair() {
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

struct MemoryTable {  // as Linux 6.12 sends it: room for two regions
  uint32_t count;
  uint32_t padding;
  MemoryRegion regions[2];
};

}  // namespace

FakeGuest::Mapping::~Mapping() {
  if (!bytes.empty()) ::munmap(bytes.data(), bytes.size());
}

FakeGuest::FakeGuest(VhostNic& nic, const FakeGuestOptions& its_options)
    : FakeGuest([&nic](FileDescriptor end) { nic.connect(std::move(end)); },
                [&nic] { nic.read_messages(); }, its_options) {}

FakeGuest::FakeGuest(std::function<void(FileDescriptor)> connect, std::function<void()> let_read,
                     const FakeGuestOptions& its_options)
    : options(its_options), connect_(std::move(connect)), let_read_(std::move(let_read)) {
  memory_file = checked_descriptor(::memfd_create("guest", MFD_CLOEXEC), "cannot make memory");
  CHECK(::ftruncate(memory_file.get(), kMemory) == 0);
  void* mapped = ::mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_SHARED, memory_file.get(), 0);
  CHECK(mapped != MAP_FAILED);
  memory = mapping_.bytes = {static_cast<std::byte*>(mapped), kMemory};
  for (size_t i = 0; i < 2; ++i) {
    rings[i] = FakeRing(memory, kBase, i * kRingDistance, options.ring_size);
    rings[i].begin_at(options.first_index);
  }
  // With napi_tx off a driver has no wish to hear that frames were sent.
  rings[1].asks_for_interrupts = false;
}

// ---- messages ---------------------------------------------------------------------------------

void FakeGuest::connect() {
  DescriptorPair pair = stream_pair();
  socket = std::move(pair.first);
  connect_(std::move(pair.second));
}

void FakeGuest::send_raw(std::span<const std::byte> bytes, std::span<const int> descriptors) {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(64 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  // The NIC may have closed its end; what is not delivered then was not to be.
  (void)::sendmsg(socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void FakeGuest::send(uint32_t request, std::span<const std::byte> payload,
                     std::span<const int> descriptors, uint32_t flags) {
  const VhostHeader header{request, flags, static_cast<uint32_t>(payload.size())};
  std::vector<std::byte> bytes(sizeof header + payload.size());
  std::memcpy(bytes.data(), &header, sizeof header);
  if (!payload.empty()) std::memcpy(bytes.data() + sizeof header, payload.data(), payload.size());
  send_raw(bytes, descriptors);
}

uint64_t FakeGuest::Reply::number() const {
  uint64_t value = 0;
  std::memcpy(&value, payload.data(), std::min(payload.size(), sizeof value));
  return value;
}

std::optional<FakeGuest::Reply> FakeGuest::reply() {
  Reply answer;
  if (::recv(socket.get(), &answer.header, sizeof answer.header, MSG_DONTWAIT) !=
      sizeof answer.header) {
    return std::nullopt;
  }
  answer.payload.resize(answer.header.size);
  const ssize_t got =
      ::recv(socket.get(), answer.payload.data(), answer.payload.size(), MSG_DONTWAIT);
  if (!answer.payload.empty() && got != static_cast<ssize_t>(answer.payload.size())) {
    return std::nullopt;
  }
  return answer;
}

std::optional<FakeGuest::Reply> FakeGuest::ask_bytes(VhostRequest request,
                                                     std::span<const std::byte> payload,
                                                     std::span<const int> descriptors) {
  send(static_cast<uint32_t>(request), payload, descriptors);
  let_read_();
  return reply();
}

std::vector<std::byte> FakeGuest::config(uint32_t size) {
  const VhostConfigRange range{0, size, 0};
  std::vector<std::byte> payload(sizeof range + size);
  std::memcpy(payload.data(), &range, sizeof range);
  const auto answer = ask_bytes(VhostRequest::kGetConfig, payload, {});
  if (!answer || answer->payload.size() != payload.size()) return {};
  return {answer->payload.begin() + sizeof range, answer->payload.end()};
}

// ---- the steps of virtio_uml ------------------------------------------------------------------

bool FakeGuest::tell_memory() {
  const MemoryTable table{1, 0, {{kBase, kMemory, kUserBase, 0}, {}}};
  const int file = memory_file.get();
  return tell(VhostRequest::kSetMemTable, table, {&file, 1});
}

bool FakeGuest::tell_ring(uint32_t index) {
  const Virtqueue::Place place = rings[index].place(kUserBase);
  const VhostVringAddress address{index, 0, place.descriptors, place.used, place.available, ~0ull};
  bool is_done = true;
  if (!options.in_band) {
    DescriptorPair pair = stream_pair();
    calls[index] = std::move(pair.first);
    const int call = pair.second.get();
    is_done = tell(VhostRequest::kSetVringCall, VhostVringDescriptor{index}, {&call, 1});
  }
  return is_done && tell(VhostRequest::kSetVringNum, VhostVringState{index, place.size}) &&
         tell(VhostRequest::kSetVringBase, VhostVringState{index, options.first_index}) &&
         tell(VhostRequest::kSetVringAddr, address);
}

bool FakeGuest::enable(uint32_t index, bool on) {
  if (on && !options.in_band) {
    kick_event[index] = checked_descriptor(::eventfd(0, EFD_CLOEXEC), "cannot make an event");
    const int kick_fd = kick_event[index].get();
    if (!tell(VhostRequest::kSetVringKick, VhostVringDescriptor{index}, {&kick_fd, 1})) {
      return false;
    }
  }
  return tell(VhostRequest::kSetVringEnable, VhostVringState{index, on});
}

bool FakeGuest::step(int number) {
  const uint64_t protocol = kInBand & ~(options.in_band ? 0 : uint64_t{1} << 14);
  switch (number) {
    case 0:
      connect();
      return true;
    case 1:
      return tell(VhostRequest::kSetOwner);
    case 2: {
      const auto answer = ask(VhostRequest::kGetFeatures);
      offered = answer ? answer->number() : 0;
      return offered != 0;
    }
    case 3: {
      const auto answer = ask(VhostRequest::kGetProtocolFeatures);
      return answer && answer->number() == protocol;
    }
    case 4:
      return tell(VhostRequest::kSetProtocolFeatures, protocol);
    case 5: {
      DescriptorPair pair = stream_pair();
      requests = std::move(pair.first);
      const int theirs = pair.second.get();
      send(static_cast<uint32_t>(VhostRequest::kSetBackendRequestFd), {}, {&theirs, 1});
      let_read_();
      const auto answer = reply();
      return answer && answer->number() == 0;
    }
    case 6:
      return config(6).size() == 6;
    case 7:
      return config(8).size() == 8;
    case 8:
      return config(12).size() == 12;
    case 9:
      features = offered & options.features;
      for (FakeRing& ring : rings) ring.event_index = (features >> 29 & 1) != 0;
      return tell(VhostRequest::kSetFeatures, features);
    case 10:
      return tell_memory();
    case 11:
      return tell_ring(0);
    case 12:
      return tell_ring(1);
    case 13:
      return enable(0, true);
    default:
      return enable(1, true);
  }
}

bool FakeGuest::start() {
  for (int i = 0; i < kSteps; ++i) {
    if (!step(i)) return false;
  }
  return true;
}

// ---- frames -----------------------------------------------------------------------------------

bool FakeGuest::send_frame(const VnetHeader& header, std::span<const std::byte> frame,
                           const SentShape& shape) {
  const size_t at = kSent + (sent_ % kFrameSlots) * kFrameDistance;
  std::memcpy(memory.data() + at, &header, sizeof header);
  std::memcpy(memory.data() + at + sizeof header, frame.data(), frame.size());
  std::vector<FakeRing::Descriptor> buffers;
  auto left = static_cast<uint32_t>(sizeof header + frame.size());
  uint64_t address = kBase + at;
  for (const uint32_t part : shape.parts) {
    buffers.push_back({address, part, 0, 0});
    address += part;
    left -= part;
  }
  buffers.push_back({address, left, 0, 0});
  FakeRing& ring = rings[1];
  if (shape.is_indirect) {
    ring.add_indirect(buffers, kTables + (sent_ % 256) * 256);
  } else {
    ring.add(buffers);
  }
  ++sent_;
  ring.offer();
  return ring.wants_kick();
}

bool FakeGuest::kick(uint32_t queue) {
  if (options.in_band) return tell(VhostRequest::kVringKick, VhostVringState{queue, 0});
  const uint64_t one = 1;
  const bool is_written = ::write(kick_event[queue].get(), &one, sizeof one) == sizeof one;
  let_read_();
  return is_written;
}

size_t FakeGuest::take_sent() {
  size_t count = 0;
  while (rings[1].take_used()) ++count;
  return count;
}

void FakeGuest::give_buffers(size_t count, uint32_t size) {
  buffer_size_ = size;
  buffer_at_.resize(options.ring_size);
  for (size_t i = 0; i < count; ++i) {
    const size_t at = kReceived + buffers_++ * size;
    CHECK(at + size <= kSent);
    buffer_at_[rings[0].add({{kBase + at, size, FakeRing::kWrite, 0}})] = at;
  }
  rings[0].offer();
}

std::vector<FakeGuest::Received> FakeGuest::take_received() {
  std::vector<Received> all;
  while (auto used = rings[0].take_used()) {
    Received received;
    const auto give_again = [&](size_t at) {
      buffer_at_[rings[0].add({{kBase + at, buffer_size_, FakeRing::kWrite, 0}})] = at;
    };
    size_t at = buffer_at_[used->head];
    const auto bytes_at = [&](size_t skipped) { return memory.begin() + long(at + skipped); };
    std::memcpy(&received.header, memory.data() + at, sizeof received.header);
    received.bytes.assign(bytes_at(sizeof received.header), bytes_at(used->length));
    give_again(at);
    for (int i = 1; i < received.header.num_buffers; ++i) {
      used = rings[0].take_used();
      CHECK(used.has_value());
      at = buffer_at_[used->head];
      received.bytes.insert(received.bytes.end(), bytes_at(0), bytes_at(used->length));
      give_again(at);
    }
    all.push_back(std::move(received));
  }
  rings[0].offer();
  return all;
}

void FakeGuest::read_requests() {
  struct {
    VhostHeader header;
    VhostVringState state;
  } message;
  while (::recv(requests.get(), &message.header, sizeof message.header, MSG_DONTWAIT) ==
         sizeof message.header) {
    message.state = {};
    if (message.header.size > 0) {
      CHECK(::recv(requests.get(), &message.state, sizeof message.state, MSG_DONTWAIT) ==
            sizeof message.state);
      ++pending_[message.state.index];
    } else {
      ++config_changes;
    }
    if ((message.header.flags & VhostHeader::kNeedReply) == 0 || !answers_interrupts) continue;
    struct {
      VhostHeader header;
      uint32_t value[2] = {};
    } answer;
    answer.header = {message.header.request, VhostHeader::kVersion | VhostHeader::kReply, 8};
    static_assert(sizeof answer == 20);
    CHECK(::send(requests.get(), &answer, sizeof answer, MSG_DONTWAIT) == sizeof answer);
  }
}

int FakeGuest::interrupts(uint32_t queue) {
  if (options.in_band) {
    read_requests();
  } else {
    uint64_t one = 0;
    while (::recv(calls[queue].get(), &one, sizeof one, MSG_DONTWAIT) == sizeof one) {
      ++pending_[queue];
    }
  }
  return std::exchange(pending_[queue], 0);
}

}  // namespace violin::testing
