#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "emulator/os/child_process.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/guest_space.hh"

namespace violin {

// Descriptors of ours that the program gets as its standard streams; -1 = /dev/null.
struct GuestStreams {
  int input = -1;
  int output = -1;
  int error = -1;
  int terminal = -1;  // the program's side of a pseudo-terminal: all three, and it controls it
};

struct GuestCommand {
  std::vector<std::string> argv;  // found in the guest's /usr/local/sbin, …, /bin, without a shell
  // Keeps our rights. Else the program is nobody (uid and gid 65534, no other groups) without any
  // capability and without a way to get one; where our user namespace has no such user it is root
  // of that, as bare. Such programs can signal each other, also in other guests of one maker.
  bool as_root = false;
  GuestStreams streams;
  std::vector<std::string> environment;  // "NAME=value", besides PATH, HOME, LANG and TERM
};

// A program running inside a guest, with its working directory at the root, in a process group (or
// session) of its own. Nothing outlives its owner: what is left of the group is killed when its
// first process ends or the owner is destroyed, and the kernel kills that process when the *thread*
// that started it ends. So start it from one that lives as long as it shall.
//
// May be used in a process with several threads.
class GuestProcess {
 public:
  // Returns when the program runs. Throws ProgramMissing, or std::system_error for what else the
  // system refuses.
  GuestProcess(const GuestSpace& guest, const GuestCommand& command);
  ~GuestProcess();
  GuestProcess(GuestProcess&& other) noexcept;
  GuestProcess& operator=(GuestProcess&& other) noexcept;

  pid_t pid() const { return pid_; }  // -1 = was waited for
  // Readable when it has ended (pidfd_open(2)).
  int exit_descriptor() const { return exit_.get(); }
  // Waits for it; the exit status, or 128 + the signal that ended it.
  int wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<int> finished();
  // To every process of its group.
  void signal(int number);

 private:
  std::optional<int> bury(int wait_flags);
  void end();

  pid_t pid_ = -1;
  FileDescriptor exit_;
};

}  // namespace violin
