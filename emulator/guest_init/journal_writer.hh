#pragma once

#include <string>

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Writes a GuestJournal: a line at a time, each on the host before add() returns, so that what was
// said is known whatever becomes of the guest.
class JournalWriter {
 public:
  // In the folder of results. Throws std::system_error.
  explicit JournalWriter(const FileDescriptor& results);

  // A line without its end; newlines in it become spaces. What cannot be written is lost.
  void add(std::string line);

 private:
  FileDescriptor file_;
};

}  // namespace violin
