#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "emulator/os/file_descriptor.hh"
#include "emulator/virtio/vhost_message.hh"

namespace violin {

// One end of a stream socket that carries vhost-user messages. It never waits, whatever the
// other end does, and a message may come in any number of pieces.
class VhostChannel {
 public:
  enum class Read {
    kMessage,  // a complete one
    kNothing,  // no more for now
    kClosed,   // the other end closed it, or went away
    kBroken,   // what came is no message: trouble()
  };

  // Uses the socket from now on. False, and closes it, when it is none.
  bool open(FileDescriptor socket);
  void close();
  bool is_open() const { return socket_.is_open(); }
  int fd() const { return socket_.get(); }

  // The next message, into `message`, whose former descriptors are closed.
  Read read(VhostMessage& message);
  // Sends a message. False when it cannot be sent completely at once.
  bool send(uint32_t request, uint32_t flags, std::span<const std::byte> payload);

  std::string_view trouble() const { return trouble_; }

 private:
  Read receive(std::span<std::byte> to, VhostMessage& message);
  Read fail(std::string_view trouble);

  FileDescriptor socket_;
  size_t filled_ = 0;  // bytes of the message that are there
  std::string_view trouble_;
};

}  // namespace violin
