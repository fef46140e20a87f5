#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace violin {

// What `violin-cell` is called with.
struct CellOptions {
  std::string kernel;                // an executable file
  std::string init;                  // the guest's first program
  uint64_t memory_bytes = 0;         // of the guest
  uint64_t results_bytes = 0;        // what it may write, at most
  std::vector<std::string> exposed;  // files and folders besides the system's that it may read
  std::vector<std::string> sockets;  // names: its devices listen there, in kCellSockets
  std::optional<int> processor;      // that everything in the cell runs on
  std::vector<std::string> kernel_arguments;

  // "--kernel", FILE … "--", and the kernel's own arguments.
  std::vector<std::string> words() const;
  // Nothing when the words are none of words().
  static std::optional<CellOptions> parse(const std::vector<std::string>& words);
};

}  // namespace violin
