#pragma once

#include <gtest/gtest.h>
#include <linux/um_timetravel.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "emulator/guest_init/guest_layout.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin::testing {

// A listening socket of a guest that its kernel may connect to, once.
class GuestSocket {
 public:
  // The listener outlives this.
  explicit GuestSocket(const FileDescriptor& listener) : listener_(listener) {}

  int listener() const { return listener_.get(); }
  int get() const { return connection_.get(); }
  // False when nobody came within ten seconds.
  bool accept() {
    pollfd caller = {.fd = listener_.get(), .events = POLLIN};
    if (poll(&caller, 1, 10'000) != 1) return false;
    connection_ = FileDescriptor(::accept(listener_.get(), nullptr, nullptr));
    // A guest that hangs is a failure, not a test without end.
    const timeval patience = {.tv_sec = 60, .tv_usec = 0};
    setsockopt(get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return connection_.is_open();
  }
  template <typename Message>
  bool read(Message& message) const {
    return recv(get(), &message, sizeof message, MSG_WAITALL) == ssize_t{sizeof message};
  }
  template <typename Message>
  void write(const Message& message) const {
    EXPECT_EQ(send(get(), &message, sizeof message, MSG_NOSIGNAL), ssize_t{sizeof message});
  }

 private:
  const FileDescriptor& listener_;
  FileDescriptor connection_;
};

// The calendar of one guest that is alone in its world, in the plain messages of the protocol: the
// time is always that of its next event.
class PlainCalendar {
 public:
  static constexpr int64_t kStartNs = 1'000'000'000'000'000'000;  // in September 2001

  explicit PlainCalendar(const FileDescriptor& listener) : socket_(listener) {}
  static std::string argument() {
    return std::string("time-travel=ext:1:") + kCellSockets + "/clock";
  }
  GuestSocket& socket() { return socket_; }

  // What the guest's life looked like from here.
  struct Life {
    int64_t messages = 0;
    int64_t runs = 0;
    uint64_t end_ns = 0;
    bool operator==(const Life&) const = default;
  };
  const Life& life() const { return life_; }

  // Serves the guest until it goes.
  void serve() {
    if (!socket_.accept()) return;
    while (answer()) {
    }
  }
  // Serves one message; false when the guest has gone.
  bool answer() {
    um_timetravel_msg message;
    if (!socket_.read(message)) return false;
    ++life_.messages;
    if (message.op == UM_TIMETRAVEL_ACK) return true;
    um_timetravel_msg reply = {.op = UM_TIMETRAVEL_ACK, .seq = message.seq};
    if (message.op == UM_TIMETRAVEL_GET_TOD) reply.time = kStartNs;
    if (message.op == UM_TIMETRAVEL_GET) reply.time = life_.end_ns;
    if (message.op == UM_TIMETRAVEL_UPDATE) life_.end_ns = message.time;
    if (message.op == UM_TIMETRAVEL_REQUEST) request_ = message.time;
    socket_.write(reply);
    if (message.op != UM_TIMETRAVEL_WAIT || !request_) return true;
    life_.end_ns = std::max<uint64_t>(life_.end_ns, *request_);
    request_.reset();
    ++life_.runs;
    socket_.write(um_timetravel_msg{.op = UM_TIMETRAVEL_RUN, .seq = ++sent_, .time = life_.end_ns});
    return true;
  }

 private:
  GuestSocket socket_;
  Life life_;
  std::optional<uint64_t> request_;
  uint32_t sent_ = 0;
};

}  // namespace violin::testing
