#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Where everything that a run on the real clock makes lives: a process that is PID 1 of a PID,
// mount, network, UTS and IPC namespace of its own (and, without root, of a user namespace in which
// it is root and nobody else exists). Inside, no mount is shared with the outside, /proc shows the
// sandbox's processes only, /run is an empty file system in memory, and loopback is up. The network
// may be the owner's instead, where the sandbox is to be reached under its addresses.
//
// PID 1 runs `body` in a child and buries whatever dies. When body ends, or PID 1 or the owner is
// killed, SIGKILL included, the kernel ends every process inside, and removes the mounts and
// interfaces with the last of them. The sandbox is in a process group of its own: an interrupt from
// the terminal reaches the owner, who decides.
//
// Make it before the owner has a second thread (body would find locks held by threads that are not
// there), and from a thread that lives as long as the sandbox shall: the kernel looks at threads.
class Sandbox {
 public:
  struct Options {
    std::string run_directory = "/run";  // must exist outside
    // At most this much in it, as tmpfs(5) writes sizes: captures are in there until the end.
    std::string run_size = "50%";
    bool own_network = true;  // else the owner's
  };

  // Returns when the namespaces stand. What body returns becomes the sandbox's exit status; SIGTERM
  // and SIGINT are as in a new program. An exception that leaves body aborts it. Throws
  // std::system_error for what the system refuses.
  explicit Sandbox(const std::function<int()>& body) : Sandbox(body, Options()) {}
  Sandbox(const std::function<int()>& body, const Options& options);
  // Kills everything inside and waits until it is gone.
  ~Sandbox();
  Sandbox(Sandbox&& other) noexcept;
  Sandbox& operator=(Sandbox&& other) noexcept;

  // PID 1 as the outside sees it; -1 = was waited for.
  pid_t pid() const { return pid_; }
  // Readable when it has ended (pidfd_open(2)).
  int exit_descriptor() const { return exit_.get(); }
  // Waits until every process inside has ended: body's exit status, or 128 + the signal that ended
  // it.
  int wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<int> finished();
  // SIGTERM to body.
  void interrupt();

 private:
  void end();

  pid_t pid_ = -1;
  FileDescriptor exit_;
};

}  // namespace violin
