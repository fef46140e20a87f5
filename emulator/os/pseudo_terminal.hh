#pragma once

#include "emulator/os/file_descriptor.hh"

namespace violin {

// A pair of descriptors that behaves like a terminal (pty(7)): a program that is given its side can
// be talked to, interrupted with Ctrl-C, and told the size of the window, from ours.
class PseudoTerminal {
 public:
  // Throws std::system_error.
  PseudoTerminal();

  int ours() const { return ours_.get(); }
  int theirs() const { return theirs_.get(); }
  // Once a program has it: only then is the end of the program's output seen on our side, as EIO.
  void close_theirs() { theirs_.close(); }
  void resize(int columns, int rows);

 private:
  FileDescriptor ours_;
  FileDescriptor theirs_;
};

}  // namespace violin
