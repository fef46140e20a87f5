#pragma once

#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/guest_init/program_order.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/uml/channel_client.hh"

namespace violin {

// The streams of a program in a guest, our ends; behave as pipes do.
struct UmlStreams {
  FileDescriptor input;   // to write to; closed = end of input (of a terminal: it was hung up)
  FileDescriptor output;  // to read; a terminal's is all that it shows
  FileDescriptor error;   // to read; a terminal has none
};

// The owner's end of the channel of a guest that stays, with a thread that passes on what comes
// over it. Programs are UmlProcesses. When the guest ends, or says what makes no sense, its
// programs have been killed.
class GuestChannel {
 public:
  // A stream socket.
  explicit GuestChannel(FileDescriptor line);
  ~GuestChannel();
  GuestChannel(const GuestChannel&) = delete;
  GuestChannel& operator=(const GuestChannel&) = delete;

  // Of UmlProcess. Those with a number are about a program that was started and not dropped.
  struct Started {
    uint32_t number = 0;
    UmlStreams streams;
    FileDescriptor exit;  // readable when it has ended
  };
  Started start(const ProgramOrder& order, std::chrono::milliseconds patience);
  std::optional<int> status(uint32_t number);
  void signal(uint32_t number, int signal);
  void resize(uint32_t number, TerminalSize size);
  void drop(uint32_t number);

 private:
  // The far ends of a program's streams; closed ones are over.
  struct Ends {
    FileDescriptor input, output, error;
    FileDescriptor exit;  // an event
  };
  void run();
  std::vector<pollfd> waiting();
  void look_at(const std::vector<pollfd>& news);
  void listen();
  void send();
  void pass_input(uint32_t number, Ends& ends);
  void pass_output(uint32_t number, FileDescriptor& to, ChannelKind kind);
  void tell_ends();
  bool is_over() const { return !line_.is_open() || client_.is_broken(); }
  void wake() const;

  std::mutex mutex_;  // of all below
  std::condition_variable news_;
  FileDescriptor line_;  // closed = the guest has ended
  FileDescriptor wake_;
  bool stopping_ = false;
  ChannelClient client_;
  std::map<uint32_t, Ends> programs_;
  std::vector<uint32_t> waited_for_;
  std::thread thread_;
};

}  // namespace violin
