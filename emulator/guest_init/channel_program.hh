#pragma once

#include <poll.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/guest_init/channel_frame.hh"
#include "emulator/guest_init/program_order.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/program_start.hh"
#include "emulator/os/pseudo_terminal.hh"

namespace violin {

// A program that a guest runs because its owner asked for it over the channel: what it writes
// becomes frames, and frames become what it reads. Owns its process; is told when that has died.
class ChannelProgram {
 public:
  explicit ChannelProgram(uint32_t number) : number_(number) {}
  ~ChannelProgram();
  ChannelProgram(const ChannelProgram&) = delete;
  ChannelProgram& operator=(const ChannelProgram&) = delete;

  // Throws std::system_error where there is no descriptor left.
  ProgramStart start(const ProgramOrder& order);
  pid_t pid() const { return pid_; }  // -1 = it does not run (any more)
  void bury(int status);
  // A frame of its owner's; what makes no sense is passed over.
  void take(const ChannelFrame& frame);

  // What it waits for: its input, output and error; -1 = not for that. `may_send` = there is room
  // for frames.
  std::array<pollfd, 3> waiting(bool may_send) const;
  // Does what was waited for; frames are appended to `out`. True when it has ended and all was
  // sent.
  bool look_at(const std::array<pollfd, 3>& news, int64_t now_ns, std::string& out);
  // Until when it is waited for something that it may have left behind to fall silent; nothing =
  // it is not.
  std::optional<int64_t> silence_ns() const;

 private:
  int input() const { return terminal_ ? terminal_->ours() : input_.get(); }
  int output() const { return terminal_ ? terminal_->ours() : output_.get(); }
  ProgramStart start_with_pipes(const ProgramOrder& order);
  ProgramStart start_at_terminal(const ProgramOrder& order);
  void resize(TerminalSize size);
  void give_input(std::string& out);
  bool pass_some(int from, ChannelKind kind, std::string& out);
  void close_output(ChannelKind kind);
  void signal(int number) const;

  uint32_t number_;
  pid_t pid_ = -1;
  std::optional<int> status_;  // when it has ended
  std::optional<PseudoTerminal> terminal_;
  FileDescriptor input_, output_, error_;
  bool output_ended_ = false;
  bool error_ended_ = false;
  std::string to_input_;
  bool end_of_input_ = false;
  uint32_t taken_ = 0;                // of its input, and not told yet
  size_t may_send_ = kChannelWindow;  // of its output
  int64_t last_heard_ns_ = 0;
};

}  // namespace violin
