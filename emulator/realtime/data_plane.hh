#pragma once

#include <string>
#include <vector>

namespace violin {

// What makes frames of real nodes fast, each to be switched off to see what it is worth. Figures
// are right either way.
struct DataPlane {
  bool spin = false;         // never sleeps: a processor for a few microseconds
  bool linger = true;        // looks for the next input a while before it sleeps, where that pays
  bool super_frames = true;  // kernels hand over super-frames (TSO, USO)
  bool gather = true;        // frames of a flow are given to a kernel as one super-frame
  bool segment = true;       // datagrams to one peer are given to the kernel as one (UDP_SEGMENT)
  bool join = true;          // and are received as one (UDP_GRO)

  // The names of those that can be switched off: "linger", "super-frames", "gather", "segment",
  // "join".
  static const std::vector<std::string>& names();
  // False when nothing is called so.
  bool switch_off(const std::string& name);
};

}  // namespace violin
