#include "emulator/guest_init/journal_writer.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "emulator/guest_init/guest_journal.hh"

namespace violin {

JournalWriter::JournalWriter(const FileDescriptor& results)
    : file_(checked_descriptor(
          openat(results.get(), kJournalName, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
          "cannot make the journal")) {}

void JournalWriter::add(std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  if (write(file_.get(), line.data(), line.size()) < 0) return;
  fdatasync(file_.get());
}

}  // namespace violin
