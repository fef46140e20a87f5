#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <utility>

#include "emulator/os/file_descriptor.hh"
#include "emulator/timetravel/guest_calendar.hh"

namespace violin {

// The other end of a calendar: says what it is told to say, as arch/um/kernel/time.c would.
class ScriptedKernel {
 public:
  explicit ScriptedKernel(GuestCalendar& calendar) : calendar_(calendar) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    socket_ = FileDescriptor(ends[0]);
    calendar.connect(FileDescriptor(ends[1]));
  }
  ~ScriptedKernel() {
    if (memory_ != nullptr) munmap(memory_, sizeof(SharedCalendar));
  }
  ScriptedKernel(const ScriptedKernel&) = delete;
  ScriptedKernel& operator=(const ScriptedKernel&) = delete;

  void send(CalendarOperation operation, uint64_t time = 0) {
    const CalendarMessage message{operation, ++number_, time};
    ASSERT_EQ(write(socket_.get(), &message, sizeof message), static_cast<ssize_t>(sizeof message));
  }
  void send_half() {
    const CalendarMessage message;
    ASSERT_EQ(write(socket_.get(), &message, sizeof message / 2),
              static_cast<ssize_t>(sizeof message / 2));
  }
  void say(CalendarOperation operation, uint64_t time = 0) {
    send(operation, time);
    calendar_.read_message();
  }
  // The next message that has come; nothing when none has.
  std::optional<CalendarMessage> hear() {
    CalendarMessage message;
    const ssize_t count = recv(socket_.get(), &message, sizeof message, MSG_DONTWAIT);
    if (count != sizeof message) return std::nullopt;
    return message;
  }
  // Says it, and returns the answer's time; the answer must have its number.
  uint64_t ask(CalendarOperation operation, uint64_t time = 0) {
    say(operation, time);
    const std::optional<CalendarMessage> answer = hear();
    EXPECT_TRUE(answer && answer->operation == CalendarOperation::kAck &&
                answer->number == number_);
    return answer ? answer->time : 0;
  }
  // START; takes the memory that comes with the answer, and uses it if it knows its version.
  void start() {
    say(CalendarOperation::kStart, 1);
    CalendarMessage answer;
    iovec bytes = {.iov_base = &answer, .iov_len = sizeof answer};
    alignas(cmsghdr) char space[CMSG_SPACE(2 * sizeof(int))] = {};
    msghdr whole = {};
    whole.msg_iov = &bytes;
    whole.msg_iovlen = 1;
    whole.msg_control = space;
    whole.msg_controllen = sizeof space;
    ASSERT_EQ(recvmsg(socket_.get(), &whole, MSG_DONTWAIT), static_cast<ssize_t>(sizeof answer));
    const cmsghdr* const header = CMSG_FIRSTHDR(&whole);
    ASSERT_NE(header, nullptr);
    ASSERT_EQ(header->cmsg_len, CMSG_LEN(2 * sizeof(int)));
    int descriptors[2];
    std::memcpy(descriptors, CMSG_DATA(header), sizeof descriptors);
    memory_file_ = FileDescriptor(descriptors[0]);
    const FileDescriptor log(descriptors[1]);
    void* const mapped = mmap(nullptr, sizeof(SharedCalendar), PROT_READ | PROT_WRITE, MAP_SHARED,
                              memory_file_.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    memory_ = static_cast<SharedCalendar*>(mapped);
    place_ = answer.time & 0xffff;
    if (memory_->version == SharedCalendar::kVersion) {
      me().capabilities |= SharedCalendar::kSharesTime;
    }
  }
  // With shared memory: wants to run at the time, and waits.
  void wait_until(uint64_t time) {
    me().request_time = time;
    me().flags |= SharedCalendar::kWantsToRun;
    say(CalendarOperation::kWait);
  }

  SharedCalendar& memory() { return *memory_; }
  SharedCalendar::Client& me() { return memory_->clients[place_]; }
  int memory_file() const { return memory_file_.get(); }
  void close() { socket_.close(); }

 private:
  GuestCalendar& calendar_;
  FileDescriptor socket_;
  FileDescriptor memory_file_;
  SharedCalendar* memory_ = nullptr;
  size_t place_ = 0;
  uint32_t number_ = 0;
};

}  // namespace violin
