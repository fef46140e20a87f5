#include "emulator/os/signal_descriptor.hh"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

namespace violin {

SignalDescriptor::SignalDescriptor(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
  descriptor_ = FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC));
  if (descriptor_.is_open()) return;
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  throw_system_error(error, "cannot wait for signals");
}

SignalDescriptor::~SignalDescriptor() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int SignalDescriptor::take() {
  signalfd_siginfo info = {};
  while (read(descriptor_.get(), &info, sizeof info) < 0) {
    if (errno != EINTR) throw_system_error("cannot read signals");
  }
  return static_cast<int>(info.ssi_signo);
}

}  // namespace violin
