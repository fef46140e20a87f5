#pragma once

#include "emulator/cell/cell_options.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// The life of a cell's process 1: makes the file system, starts the kernel in a child without any
// rights, tells of it over `control`, and ends when the kernel has ended or nobody listens any
// more; everything in the cell ends with it. `kernel` and `init` are the programs' files, opened
// outside. Never returns.
[[noreturn]] void run_cell_init(const CellOptions& options, const FileDescriptor& control,
                                const FileDescriptor& kernel, const FileDescriptor& init);

}  // namespace violin
