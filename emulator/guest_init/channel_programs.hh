#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "emulator/guest_init/channel_frame.hh"
#include "emulator/guest_init/channel_program.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// The guest's end of its channel: the programs that its owner asked for, at most
// kChannelProgramsMax at a time. Whoever has the process's loop waits for it, too.
class ChannelPrograms {
 public:
  // `line` carries bytes as they are, both ways. Says that programs can be asked for.
  explicit ChannelPrograms(FileDescriptor line);

  // Appends what is to be waited for; returns for how long at most, in ms (-1 = for ever).
  int add_to(std::vector<pollfd>& waiting);
  // With what add_to() appended, waited for.
  void look_at(std::span<const pollfd> news);
  // Of a process that has died: is it one of these programs?
  bool has(pid_t process) const;
  void bury(pid_t process, int status);

 private:
  void listen();
  void take(const ChannelFrame& frame);
  void start(const ChannelFrame& frame);
  void refuse(uint32_t number, const std::string& kind, int error, const std::string& why);
  void send();

  FileDescriptor line_;  // closed = the owner is gone
  ChannelReader reader_;
  std::string out_;
  std::map<uint32_t, std::unique_ptr<ChannelProgram>> programs_;
  std::vector<uint32_t> waited_for_;  // those of the last add_to()
};

// Opens the serial line that a guest's channel is, and has it carry bytes as they are. Throws
// std::system_error.
FileDescriptor open_channel_line();

}  // namespace violin
