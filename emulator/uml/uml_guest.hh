#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.hh"
#include "emulator/guest_init/guest_journal.hh"
#include "emulator/guest_init/guest_order.hh"
#include "emulator/uml/cell_process.hh"
#include "emulator/uml/guest_channel.hh"

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
  // Sockets of its devices, at most 64, each one to 64 letters and digits ("clock", "nic0"): made
  // in the cell, where the guest's kernel connects to kCellSockets/NAME (guest_layout.hh) as
  // nobody; they have no name outside. The owner accepts at listener().
  std::vector<std::string> sockets;
  // The only processor that the kernel and all of its processes run on; none = any.
  std::optional<int> processor;
  // What the guest's random numbers come from; none = from the machine's.
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
  const rusage& usage() const { return cell_.usage(); }  // CellProcess::usage()
  // Where a device of the guest connects to: a listening stream socket, by the number that its name
  // has in the options.
  const FileDescriptor& listener(size_t index) const { return cell_.listener(index); }
  UmlEnding wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<UmlEnding> finished();
  void kill() { cell_.kill(); }

  // For UmlProcesses, where its order says that it stays; else null.
  const std::shared_ptr<GuestChannel>& channel() const { return channel_; }

  GuestJournal journal() const;
  // What a job wrote to its standard output and error so far; at most so many bytes.
  std::string output(size_t job, size_t most = 1 << 20) const;
  std::string errors(size_t job, size_t most = 1 << 20) const;
  // What its kernel printed, its first 1 MiB; of that, the last lines that are not empty.
  std::string console() const;
  std::string last_words(size_t lines = 5) const;
  // After a panic: in its first line what the kernel called it, then its last words.
  std::string how_it_panicked() const;

 private:
  UmlEnding ending_of(int wait_status) const;

  size_t jobs_;
  FileDescriptor console_;
  CellProcess cell_;
  std::shared_ptr<GuestChannel> channel_;
};

// The words of the command line that boots the guest, its devices and clock left out.
std::vector<std::string> boot_arguments(int memory_mib, std::optional<uint64_t> seed = {});

}  // namespace violin
