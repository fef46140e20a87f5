#pragma once

#include <signal.h>

#include <initializer_list>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Signals to be read instead of handled (signalfd(2)). To be made before any other thread, so that
// all of them leave these signals to it; afterwards they are as they were.
class SignalDescriptor {
 public:
  // Throws std::system_error.
  explicit SignalDescriptor(std::initializer_list<int> numbers);
  ~SignalDescriptor();
  SignalDescriptor(const SignalDescriptor&) = delete;
  SignalDescriptor& operator=(const SignalDescriptor&) = delete;

  int get() const { return descriptor_.get(); }
  // The next one, waited for.
  int take();

 private:
  sigset_t before_;
  FileDescriptor descriptor_;
};

}  // namespace violin
