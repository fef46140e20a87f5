#pragma once

#include <cstddef>

#include "emulator/cell/cell_options.hh"

namespace violin {

// Between the program `violin-cell` and who starts it. The descriptors it is born with, besides the
// standard ones, which it leaves alone but for its standard error:
enum CellDescriptor {
  kCellControl = 3,  // a Unix socket that keeps message borders
  kCellOrder = 4,    // a file: the guest's order, GuestOrder::text()
  kCellConsole = 5,  // a file or pipe: what the kernel prints
};

// Over the control socket. The first message says that the kernel runs (and brings descriptors of
// the folder of results, of the listening sockets, in the order they were asked for, and, where it
// has one, of our end of the guest's channel) or what failed; the second, that the kernel has
// ended. Whoever closes the other end of the socket, or dies, ends the cell.
struct CellMessage {
  int error = 0;          // 0 = no error
  int wait_status = 0;    // of the kernel, in the second message
  char action[200] = {};  // what failed, ends with a zero byte
};
inline constexpr size_t kCellDescriptorsMax = 2 + CellOptions::kSocketsMax;

}  // namespace violin
