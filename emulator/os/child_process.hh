#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace violin {

// The program that was asked for does not exist on this machine.
class ProgramMissing : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where a child writes to; an empty path = where we write to.
struct ChildStreams {
  std::filesystem::path output;
  std::filesystem::path error;
};

// A child process, found in PATH and started without a shell: no argument is ever interpreted. Its
// standard input is a pipe from us. It is one of our process group, so an interrupt from the
// terminal reaches both. Whoever is destroyed with a child still running kills it and waits:
// nothing outlives its owner.
class ChildProcess {
 public:
  // argv[0] is the program. Throws ProgramMissing, or std::system_error for what else the system
  // refuses.
  explicit ChildProcess(const std::vector<std::string>& argv, const ChildStreams& streams = {});
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  // Writes all of `text` to its input and closes it. False when the child stopped reading early.
  bool feed(std::string_view text);
  // Closes its input and waits for it; the exit status, or 128 + the signal that ended it.
  int wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<int> finished();
  // Asks it to stop, as Ctrl-C would.
  void interrupt();

 private:
  void close_input();
  void end();

  pid_t pid_ = -1;  // -1 = was waited for
  int input_ = -1;  // -1 = closed
};

}  // namespace violin
