#pragma once

#include <vector>

#include "emulator/cell/cell_options.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// The user that a guest's kernel is, where our user namespace has it (else it is root of one that
// has nobody else).
struct CellUser {
  unsigned uid = 0;
  unsigned gid = 0;
};

// What is reached from outside of a cell, and has no name there.
struct CellDoors {
  FileDescriptor results;                 // the folder that the guest writes to
  std::vector<FileDescriptor> listeners;  // of the guest's devices, as CellOptions::sockets
};

// Makes the file system of a cell and moves into it. It is all that the guest's kernel, and so a
// hostile root of the guest, can name: of the machine only /bin, /lib…, /usr, /etc and /opt and
// what is exposed, read-only, without what is secret even where it can be read (/etc/ssh and the
// like); devices that any program needs; /proc of the cell; and folders of its own in memory, of
// bounded size. No home, no /var, no /run, no socket but those it was given.
//
// Called in a new mount and PID namespace. `init` is the guest's first program, open for reading.
// Throws std::system_error.
CellDoors enter_cell_root(const CellOptions& options, const CellUser& user,
                          const FileDescriptor& init);

}  // namespace violin
