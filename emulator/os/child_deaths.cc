#include "emulator/os/child_deaths.hh"

#include <sys/signalfd.h>

#include <csignal>

namespace violin {

FileDescriptor watch_deaths() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return checked_descriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
                            "cannot watch children");
}

}  // namespace violin
