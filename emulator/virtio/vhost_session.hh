#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/os/file_descriptor.hh"
#include "emulator/virtio/guest_memory.hh"
#include "emulator/virtio/vhost_channel.hh"
#include "emulator/virtio/vhost_device.hh"
#include "emulator/virtio/vhost_message.hh"
#include "emulator/virtio/virtqueue.hh"

namespace violin {

// The backend's side of a vhost-user connection, as Linux's virtio_uml makes it: one guest, one
// device, until the guest closes it. It is a state machine that never waits. A guest that breaks a
// rule is cut off: nothing of its memory stays mapped, no descriptor of its stays open, and
// trouble() says why. Neither memory nor a ring can be changed while a queue that has to do with it
// is enabled. The request channel and calls must be sockets, which is what virtio_uml sends.
class VhostSession {
 public:
  // Messages dealt with per call, so that nobody keeps us from other guests.
  static constexpr int kBurst = 64;

  // Throws std::system_error.
  VhostSession(const VhostSessionOptions& options, VhostDevice& device);
  VhostSession(const VhostSession&) = delete;
  VhostSession& operator=(const VhostSession&) = delete;

  // Begins with a connected stream socket; ends the former connection. Throws std::system_error.
  void connect(FileDescriptor socket);
  // Ends the connection, if there is one. Linux takes the device away from its guest then.
  void disconnect();
  bool is_connected() const { return socket_.is_open(); }
  // Readable when there is something to do. In band the connection itself, -1 without one;
  // otherwise always the same.
  int descriptor() const { return ready_.is_open() ? ready_.get() : socket_.fd(); }
  // Deals with messages and kicks that are there.
  void read_messages();

  bool is_enabled(size_t queue) const { return rings_[queue].queue.is_started(); }
  Virtqueue& queue(size_t queue) { return rings_[queue].queue; }
  uint64_t features() const { return features_; }  // those agreed on
  // True while a queue is enabled and its guest keeps to the rules; ends the session when the guest
  // broke one in that queue, or took its memory away.
  bool is_sound(size_t queue);

  // Tells the guest of what was published to it. False when it cannot be told now: it does not look
  // at what it was told before.
  bool interrupt(size_t queue);
  // The same of its configuration space.
  bool announce_config();

  // With confirm_interrupts: what the guest was told and has not answered yet, and where answers
  // come from (-1: nowhere).
  int answers_due() const { return answers_due_; }
  int answer_descriptor() const { return requests_.fd(); }
  void read_answers();

  // Cuts the guest off.
  void reset(std::string reason);
  // Why a guest was cut off last; empty when none was.
  const std::string& trouble() const { return trouble_; }
  const VhostCounters& counters() const { return counters_; }

 private:
  struct Ring {
    Virtqueue queue;
    Virtqueue::Place place;
    uint16_t next = 0;  // where it goes on when it is enabled
    FileDescriptor kick;
    FileDescriptor call;
    bool has_more = false;  // that was left for the next round
  };
  // What becomes of a message: it is confirmed, refused, has been answered, or was the last one.
  enum class Outcome { kDone, kRefused, kAnswered, kOver };
  struct Rule;
  struct Rules;

  void forget(int descriptor);
  void read_socket();
  void read_kick(size_t queue);
  void read_again();
  void kick(size_t queue);
  void look_into(size_t queue);
  void handle();
  Outcome answer(std::span<const std::byte> payload);
  Outcome answer(uint64_t value);
  Outcome cut_off(std::string reason);
  bool tell(VhostBackendRequest request, uint32_t index);
  void stop(Ring& ring);
  Outcome enable(uint32_t index);
  Outcome watch_kick(uint32_t index, FileDescriptor descriptor);

  VhostSessionOptions options_;
  VhostDevice& device_;
  VhostChannel socket_;
  FileDescriptor ready_;   // without in_band: epoll of the socket, of kicks, and of …
  FileDescriptor again_;   // … an event of our own, that there is more
  VhostChannel requests_;  // to the guest
  VhostMessage message_;   // that is dealt with
  VhostMessage reply_;     // to one of ours
  GuestMemory memory_;
  std::vector<Ring> rings_;
  uint64_t features_ = 0;
  uint64_t protocol_features_ = 0;
  int answers_due_ = 0;
  std::string trouble_;
  VhostCounters counters_;
};

}  // namespace violin
