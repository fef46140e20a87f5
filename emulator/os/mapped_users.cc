#include "emulator/os/mapped_users.hh"

#include <algorithm>
#include <sstream>
#include <string>

#include "emulator/os/file_descriptor.hh"

namespace violin {
namespace {

// The kernel lists ranges as "first here, first outside, count".
uint64_t mapped_from_zero(const std::string& file) {
  std::istringstream ranges(read_file(file));
  uint64_t covered = 0;
  uint64_t first = 0, outside = 0, count = 0;
  while (ranges >> first >> outside >> count) {
    if (first <= covered) covered = std::max(covered, first + count);
  }
  return covered;
}

}  // namespace

uint64_t mapped_users() { return mapped_from_zero("/proc/thread-self/uid_map"); }

uint64_t mapped_groups() { return mapped_from_zero("/proc/thread-self/gid_map"); }

}  // namespace violin
