#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// What a run leaves in its working folder for as long as it works there, so that what a killed run
// left behind can be told from the work of a live one, and from what is nobody's: the process, by
// number, start and boot of the machine, and the folder itself.
struct RunRecord {
  pid_t pid = 0;
  uint64_t started = 0;  // of the process, clock ticks since boot (proc(5), starttime)
  std::string boot_id;
  std::string folder;  // the working folder, absolute

  static constexpr const char* kFile = ".violin-run.json";

  // Of this process.
  static RunRecord of_this_process(const std::filesystem::path& folder);
  std::string text() const;
  // Nothing when `text` is no record.
  static std::optional<RunRecord> parse(std::string_view text);
  // Whether that very process still runs, as far as this process can see.
  bool is_alive() const;
};

// Writes the record of this process into a working folder, locked (flock(2)) as long as the
// descriptor is open: the kernel's own word on whether anybody works there, across containers that
// do not see each other's processes. Throws std::system_error.
FileDescriptor leave_record(const std::filesystem::path& folder);

// Whether a folder is the working folder of a run that is over: it has a record, that is its own,
// of a process that is gone; nobody holds the lock; and both belong to this user.
bool is_left_behind(const std::filesystem::path& folder);

// Every such folder in `runs` and its folders (runs/NAME/NNN is how deep points of sweeps work), in
// name order. Links are not followed; what cannot be read is passed over.
std::vector<std::filesystem::path> folders_left_behind(const std::filesystem::path& runs);

}  // namespace violin
