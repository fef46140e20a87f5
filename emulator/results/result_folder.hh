#pragma once

#include <filesystem>
#include <string>

#include "emulator/os/file_descriptor.hh"

// The folder of a run while it is being made. Files go into a hidden folder beside the final one,
// which takes its place by a rename once everything is written: a run's folder is there whole or
// not at all, whatever dies. Until then the hidden one has a RunRecord, by which it can be told
// from one that a killed run left behind. Names: runs/NAME/NNN, with runs/NAME/latest pointing at
// the newest.

namespace violin {

enum class Existing { kRefuse, kReplace };

class ResultFolder {
 public:
  // Makes the working folder. Throws std::runtime_error naming the folder when the final one exists
  // and may not be replaced, is not a folder of results, or cannot be made.
  ResultFolder(std::filesystem::path final_folder, Existing existing);
  // Removes the working folder unless it was committed.
  ~ResultFolder();
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  // Where to write, until commit().
  const std::filesystem::path& working() const { return working_; }
  const std::filesystem::path& final_folder() const { return final_; }
  // Puts it into place and repoints `latest` beside it when the folder's name is a number.
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path working_;
  Existing existing_;
  FileDescriptor record_;  // of us, in the working folder
  bool committed_ = false;
};

// runs/NAME/001, or the number after the highest there is.
std::filesystem::path next_run_folder(const std::filesystem::path& runs, const std::string& name);

// Writes `text` to `file` through a temporary file beside it and a rename.
void write_file_atomically(const std::filesystem::path& file, const std::string& text);

}  // namespace violin
