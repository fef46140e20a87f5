#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emulator/os/file_descriptor.hh"
#include "emulator/virtio/vhost_message.hh"
#include "emulator/virtio/vhost_nic.hh"
#include "emulator/virtio/vnet_header.hh"
#include "tests/support/fake_ring.hh"

namespace violin::testing {

// What a VhostNic tells its owner.
class RecordingNicOwner final : public VhostNicOwner {
 public:
  void nic_kicked(int) override { ++kicks; }
  void nic_has_room(int) override { ++rooms; }
  void nic_received(int, Frame frame) override { frames.push_back(std::move(frame)); }
  void nic_dropped(int, DropReason reason) override { drops.push_back(reason); }

  int kicks = 0;
  int rooms = 0;
  std::vector<Frame> frames;
  std::vector<DropReason> drops;
};

struct FakeGuestOptions {
  bool in_band = true;
  uint32_t ring_size = 256;
  uint64_t features = ~uint64_t{0};  // those it agrees to, of those offered
  uint16_t first_index = 0;          // of the rings
};

// How a frame to send lies in the guest's memory.
struct SentShape {
  std::vector<uint32_t> parts;  // lengths of all buffers but the last; none = one buffer
  bool is_indirect = false;
};

// A scripted guest: what Linux's virtio_uml and virtio_net say and do, step by step, and whatever
// they would never do. It has memory, two rings, and a connection to a VhostNic, which it lets
// read after each message; nothing in it waits.
class FakeGuest {
 public:
  static constexpr uint64_t kBase = 0x10'0000;             // of its memory, guest addresses …
  static constexpr uint64_t kUserBase = 0x7000'0000'0000;  // … and user addresses
  static constexpr size_t kMemory = size_t{4} << 20;
  static constexpr size_t kTables = 0x2'0000;    // where indirect tables lie, 256 bytes each
  static constexpr size_t kReceived = 0x4'0000;  // where receive buffers lie
  static constexpr size_t kSent = 0x20'0000;     // where frames to send lie
  static constexpr uint32_t kNeedReply = VhostHeader::kVersion | VhostHeader::kNeedReply;

  explicit FakeGuest(VhostNic& nic, const FakeGuestOptions& its_options = {});
  // Of a NIC that is inside something: who connects it, and who lets it read.
  FakeGuest(std::function<void(FileDescriptor)> connect, std::function<void()> let_read,
            const FakeGuestOptions& its_options);

  // ---- messages
  void connect();
  void disconnect() { socket.close(); }
  // Sends bytes as they are.
  void send_raw(std::span<const std::byte> bytes, std::span<const int> descriptors = {});
  void send(uint32_t request, std::span<const std::byte> payload,
            std::span<const int> descriptors = {}, uint32_t flags = kNeedReply);
  // What the backend answered; nothing when it did not.
  struct Reply {
    VhostHeader header;
    std::vector<std::byte> payload;
    uint64_t number() const;
  };
  std::optional<Reply> reply();
  // Sends, lets the NIC read, and takes the answer.
  template <class Payload>
  std::optional<Reply> ask(VhostRequest request, const Payload& payload,
                           std::span<const int> descriptors = {}) {
    return ask_bytes(request, std::as_bytes(std::span(&payload, 1)), descriptors);
  }
  std::optional<Reply> ask(VhostRequest request) { return ask_bytes(request, {}, {}); }
  // True when the answer is the confirmation 0.
  template <class Payload>
  bool tell(VhostRequest request, const Payload& payload, std::span<const int> descriptors = {}) {
    const std::optional<Reply> answer = ask(request, payload, descriptors);
    return answer && answer->payload.size() == 8 && answer->number() == 0;
  }
  bool tell(VhostRequest request) {
    const std::optional<Reply> answer = ask(request);
    return answer && answer->payload.size() == 8 && answer->number() == 0;
  }
  std::vector<std::byte> config(uint32_t size);

  // ---- the steps of virtio_uml, in its order; each is true when all of it was confirmed
  static constexpr int kSteps = 15;
  bool step(int number);
  // All of them.
  bool start();
  // Up to its own memory and rings; the rest of start() is start_rings().
  bool tell_memory();
  bool tell_ring(uint32_t index);
  bool enable(uint32_t index, bool on);

  // ---- frames
  // Makes a frame available; true when the device wants to be told.
  bool send_frame(const VnetHeader& header, std::span<const std::byte> frame,
                  const SentShape& shape = {});
  bool kick(uint32_t queue);
  // How many sent frames the device has given back.
  size_t take_sent();
  void give_buffers(size_t count, uint32_t size);
  struct Received {
    VnetHeader header;
    std::vector<std::byte> bytes;
  };
  // What has arrived; its buffers are given anew.
  std::vector<Received> take_received();
  // Interrupts of a queue since the last look; answers those in band that want it.
  int interrupts(uint32_t queue);
  int config_changes = 0;
  bool answers_interrupts = true;

  FakeGuestOptions options;
  FileDescriptor memory_file;
  std::span<std::byte> memory;
  FileDescriptor socket;
  FileDescriptor requests;  // ours of the request channel
  FileDescriptor kick_event[2];
  FileDescriptor calls[2];  // ours
  FakeRing rings[2];
  uint64_t offered = 0;
  uint64_t features = 0;

 private:
  class Mapping {
   public:
    Mapping() = default;
    ~Mapping();
    std::span<std::byte> bytes;
  };
  std::optional<Reply> ask_bytes(VhostRequest request, std::span<const std::byte> payload,
                                 std::span<const int> descriptors);
  void read_requests();

  std::function<void(FileDescriptor)> connect_;
  std::function<void()> let_read_;
  Mapping mapping_;
  uint32_t sent_ = 0;
  uint32_t buffer_size_ = 0;
  size_t buffers_ = 0;
  std::vector<size_t> buffer_at_;  // of a receive buffer, by head
  int pending_[2] = {};
};

}  // namespace violin::testing
