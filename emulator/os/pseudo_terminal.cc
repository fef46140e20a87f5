#include "emulator/os/pseudo_terminal.hh"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

namespace violin {

PseudoTerminal::PseudoTerminal()
    : ours_(checked_descriptor(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC),
                               "cannot make a pseudo-terminal")) {
  if (unlockpt(ours()) != 0) throw_system_error("cannot unlock a pseudo-terminal");
  // By its number and not by a name: the guest's /dev/pts need not be ours.
  theirs_ = checked_descriptor(ioctl(ours(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
                               "cannot open a pseudo-terminal");
}

void PseudoTerminal::resize(int columns, int rows) {
  const winsize size = {.ws_row = static_cast<unsigned short>(rows),
                        .ws_col = static_cast<unsigned short>(columns)};
  if (ioctl(ours(), TIOCSWINSZ, &size) != 0) {
    throw_system_error("cannot set the size of a pseudo-terminal");
  }
}

}  // namespace violin
