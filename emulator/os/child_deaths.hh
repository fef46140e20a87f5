#pragma once

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Readable (signalfd_siginfo) when a child has died. SIGCHLD stays blocked in this process from now
// on, so that no death is lost. Throws std::system_error.
FileDescriptor watch_deaths();

}  // namespace violin
