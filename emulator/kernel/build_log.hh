#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// What the programs of a build print, on its way into a file: counts the files that `make` says it
// has compiled. The programs write into a pipe of ours, so that they end soon after us whatever
// ends us.
class BuildLog {
 public:
  // Throws std::system_error.
  explicit BuildLog(const std::filesystem::path& file);

  // What a program is to open as its standard output and error.
  std::filesystem::path input() const;
  // Takes what was printed; waits for some, for so many milliseconds at most. False when there was
  // none.
  bool take(int milliseconds);
  size_t compiled_files() const { return compiled_; }

 private:
  void count(std::string_view text);

  DescriptorPair pipe_;
  std::ofstream file_;
  std::string line_;  // the last one, which has not ended yet
  size_t compiled_ = 0;
};

}  // namespace violin
