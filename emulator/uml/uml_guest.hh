#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.hh"
#include "emulator/guest_init/guest_journal.hh"
#include "emulator/guest_init/guest_order.hh"
#include "emulator/uml/cell_process.hh"

namespace violin {

struct UmlGuestOptions {
  std::filesystem::path kernel;  // a built one (emulator/kernel)
  GuestOrder order;
  int memory_mib = 64;  // at least 32
  // What the guest may write into its results, all jobs' outputs together.
  int results_mib = 64;
  // Files and folders of the machine that programs in the guest may read, besides /bin, /lib…,
  // /usr, /etc and /opt; absolute paths.
  std::vector<std::string> exposed;
  // What its devices connect to: names of sockets that its kernel finds in kCellSockets
  // (guest_layout.hh), at most 64. They are heard from by UmlGuest::listener().
  std::vector<std::string> sockets;
  // The processor on which its kernel and all its programs run; none = any.
  std::optional<int> processor;
  // What its kernel's random numbers follow from; none = the machine's.
  std::optional<uint64_t> seed;
  // Devices and clock, as words of the kernel's command line.
  std::vector<std::string> kernel_arguments;
};

// How a guest came to its end.
enum class UmlEnding {
  kDone,        // its jobs ended, and it powered off
  kFailed,      // its init could not do what was ordered; the journal says why
  kPanicked,    // its kernel stopped
  kPoweredOff,  // something in it powered it off before its jobs had ended
  kKilled,      // from outside
};

// A guest with a Linux kernel of its own (User-Mode Linux), in a cell. What it does is known from
// its journal and its jobs' outputs, at any time, also when it has ended. Nothing of it outlives
// its owner.
class UmlGuest {
 public:
  // Returns when its kernel has begun to boot. Throws as CellProcess does.
  explicit UmlGuest(const UmlGuestOptions& options);

  // Readable when it has ended.
  int exit_descriptor() const { return cell_.exit_descriptor(); }
  pid_t pid() const { return cell_.pid(); }
  // A listening stream socket, by UmlGuestOptions::sockets.
  const FileDescriptor& listener(size_t index) const { return cell_.listeners().at(index); }
  UmlEnding wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<UmlEnding> finished();
  void kill() { cell_.kill(); }

  GuestJournal journal() const;
  // What a job wrote to its standard output and error so far; at most so many bytes.
  std::string output(size_t job, size_t most = 1 << 20) const;
  std::string errors(size_t job, size_t most = 1 << 20) const;
  // The last that its kernel printed, at most 1 MiB.
  std::string console() const;

 private:
  UmlEnding ending_of(int wait_status) const;

  size_t jobs_;
  FileDescriptor console_;
  CellProcess cell_;
};

// The words of the command line that boots the guest, its devices and clock left out.
std::vector<std::string> boot_arguments(int memory_mib);

}  // namespace violin
