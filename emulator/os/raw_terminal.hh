#pragma once

#include <sys/types.h>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/terminal_size.hh"

namespace violin {

// A terminal that passes every key on as it is typed (cfmakeraw(3)), while one lives. How it was is
// put back when it is destroyed or its process ends in any way, SIGKILL included: by a child that
// waits for just that, outside of the session, where no Ctrl-C or hang-up reaches it.
class RawTerminal {
 public:
  // `terminal` stays open as long as this lives. To be made before any other thread. Throws
  // std::system_error; it is an error when that is no terminal.
  explicit RawTerminal(int terminal);
  // Returns when the terminal is as it was.
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  TerminalSize size() const;

 private:
  int terminal_;
  FileDescriptor life_;  // closes with us: what the child waits for
  pid_t guardian_ = -1;
};

}  // namespace violin
