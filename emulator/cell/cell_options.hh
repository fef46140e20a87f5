#pragma once

#include <cstddef>
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
  // Sockets of its devices that are made for it in kCellSockets; at most kSocketsMax.
  std::vector<std::string> sockets;
  bool channel = false;          // its kernel has one, at kKernelChannel
  std::optional<int> processor;  // the only processor it runs on; none = any
  std::vector<std::string> kernel_arguments;

  // "--kernel", FILE … "--", and the kernel's own arguments.
  std::vector<std::string> words() const;
  // Nothing when the words are none of words().
  static std::optional<CellOptions> parse(const std::vector<std::string>& words);

  static constexpr size_t kSocketsMax = 64;
  // One to 64 letters and digits: nothing that a path or a word of a command line means more by.
  static bool is_socket_name(const std::string& name);
};

}  // namespace violin
