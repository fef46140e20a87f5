#include "emulator/uml/uml_guest.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "emulator/guest_init/guest_layout.hh"
#include "emulator/os/own_program.hh"

namespace violin {
namespace {

constexpr size_t kConsoleBytes = 1 << 20;
constexpr size_t kJournalBytes = 1 << 20;

// A file in memory that takes so many bytes and not one more, whoever writes: a kernel that talks
// too much loses its last words, not our memory.
FileDescriptor make_console() {
  FileDescriptor file = checked_descriptor(memfd_create("console", MFD_CLOEXEC | MFD_ALLOW_SEALING),
                                           "cannot make a file in memory");
  if (ftruncate(file.get(), kConsoleBytes) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    throw_system_error("cannot bound a file in memory");
  }
  return file;
}

// The beginning of a file: at most so many bytes.
std::string contents(const FileDescriptor& file, size_t most) {
  std::string text(most, '\0');
  size_t filled = 0;
  while (filled < most) {
    const ssize_t count =
        pread(file.get(), text.data() + filled, most - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    filled += static_cast<size_t>(count);
  }
  text.resize(filled);
  return text;
}

// Of a folder that a hostile guest writes: nothing of it is followed, and nothing but a file read.
std::string contents_in(const FileDescriptor& folder, const std::string& name, size_t most) {
  const FileDescriptor file(
      openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return file.is_open() ? contents(file, most) : "";
}

CellOptions cell_options(const UmlGuestOptions& options) {
  constexpr uint64_t kMib = 1 << 20;
  CellOptions cell;
  cell.kernel = options.kernel;
  cell.init = program_beside_us("violin-init");
  cell.memory_bytes = static_cast<uint64_t>(options.memory_mib) * kMib;
  cell.results_bytes = static_cast<uint64_t>(options.results_mib) * kMib;
  cell.exposed = options.exposed;
  cell.sockets = options.sockets;
  cell.channel = options.order.stay;
  cell.processor = options.processor;
  cell.kernel_arguments = boot_arguments(options.memory_mib, options.seed);
  if (cell.channel) {
    cell.kernel_arguments.push_back("ssl0=fd:" + std::to_string(kKernelChannel));
  }
  cell.kernel_arguments.insert(cell.kernel_arguments.end(), options.kernel_arguments.begin(),
                               options.kernel_arguments.end());
  return cell;
}

}  // namespace

std::vector<std::string> boot_arguments(int memory_mib, std::optional<uint64_t> seed) {
  std::vector<std::string> words = {
      "mem=" + std::to_string(memory_mib) + "M", "rootfstype=hostfs",
      std::string("rootflags=") + kCellBoot, "ro", std::string("init=") + kBootInit,
      // Nothing is ever read from the host, so that nothing but frames enters.
      "con=null", "con0=null,fd:1", "ssl=null", std::string("uml_dir=") + kCellKernel + "/",
      "umid=guest",
      // What is sent is taken from its ring at once: to say so each time would only interrupt.
      "virtio_net.napi_tx=0",
      // Interfaces that nobody asked for.
      "dummy.numdummies=0", "ifb.numifbs=0"};
  if (seed) words.push_back("seed=" + std::to_string(*seed));
  return words;
}

UmlGuest::UmlGuest(const UmlGuestOptions& options)
    : jobs_(options.order.jobs.size()),
      console_(make_console()),
      cell_(cell_options(options), options.order.text(), console_) {
  if (options.order.stay) channel_ = std::make_shared<GuestChannel>(std::move(cell_.channel()));
}

UmlEnding UmlGuest::wait() { return ending_of(cell_.wait()); }

std::optional<UmlEnding> UmlGuest::finished() {
  const auto status = cell_.finished();
  if (!status) return std::nullopt;
  return ending_of(*status);
}

UmlEnding UmlGuest::ending_of(int wait_status) const {
  if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL) return UmlEnding::kKilled;
  if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) return UmlEnding::kPanicked;
  const GuestJournal said = journal();
  if (!said.failure.empty()) return UmlEnding::kFailed;
  return said.done ? UmlEnding::kDone : UmlEnding::kPoweredOff;
}

GuestJournal UmlGuest::journal() const {
  return GuestJournal::parse(contents_in(cell_.results(), kJournalName, kJournalBytes), jobs_);
}

std::string UmlGuest::output(size_t job, size_t most) const {
  return contents_in(cell_.results(), output_name(job), most);
}

std::string UmlGuest::errors(size_t job, size_t most) const {
  return contents_in(cell_.results(), error_name(job), most);
}

std::string UmlGuest::console() const {
  // The offset is the writer's, too: what was not written to is not text.
  const off_t written = lseek(console_.get(), 0, SEEK_CUR);
  return contents(console_, written < 0 ? 0 : static_cast<size_t>(written));
}

std::string UmlGuest::how_it_panicked() const {
  const std::string all = console();
  const size_t begin = all.rfind("Kernel panic");
  std::string text = "its kernel panicked";
  if (begin != std::string::npos) text += ": " + all.substr(begin, all.find('\n', begin) - begin);
  return text + "\nit said last:\n" + last_words();
}

std::string UmlGuest::last_words(size_t lines) const {
  const std::string all = console();
  std::string text;
  for (size_t end = all.size(); lines > 0 && end > 0;) {
    const size_t newline = all.rfind('\n', end - 1);
    const size_t begin = newline == std::string::npos ? 0 : newline + 1;
    if (begin < end) {
      text.insert(0, all.substr(begin, end - begin) + "\n");
      --lines;
    }
    end = begin == 0 ? 0 : begin - 1;
  }
  return text;
}

}  // namespace violin
