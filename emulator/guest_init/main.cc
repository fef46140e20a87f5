#include <fcntl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

#include "emulator/guest_init/guest_layout.hh"
#include "emulator/guest_init/guest_order.hh"
#include "emulator/guest_init/guest_root.hh"
#include "emulator/guest_init/guest_setup.hh"
#include "emulator/guest_init/job_list.hh"
#include "emulator/guest_init/journal_writer.hh"
#include "emulator/os/file_descriptor.hh"

// The first program of a guest with a kernel of its own: makes the guest what its order says, runs
// the jobs, writes down what became of them and powers off. No shell, no library, no configuration:
// the order is all it knows.

namespace violin {
namespace {

// Larger than what read_file() takes.
std::string read_order() {
  const FileDescriptor file = open_file(kBootOrder, O_RDONLY);
  std::string bytes;
  char buffer[65536];
  for (;;) {
    const ssize_t count = read(file.get(), buffer, sizeof buffer);
    if (count < 0) throw_system_error("cannot read the order");
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(count));
  }
}

void live(JournalWriter& journal, const FileDescriptor& results, const std::string& bytes) {
  const std::optional<GuestOrder> order = GuestOrder::parse(bytes);
  if (!order) throw std::runtime_error("the order makes no sense");
  set_up_guest(*order);
  std::optional<ChannelPrograms> programs;
  if (order->stay) programs.emplace(open_channel_line());
  journal.add("ready " + std::to_string(guest_time_ns()));
  JobList(*order, results, journal, programs ? &*programs : nullptr).run();
}

// Programs that still run are killed first, so that nothing is written behind the last line.
void power_off() {
  kill(-1, SIGKILL);
  sync();
  reboot(RB_POWER_OFF);
}

void run() {
  const std::string bytes = read_order();
  const FileDescriptor results = enter_guest_root();
  JournalWriter journal(results);
  try {
    live(journal, results, bytes);
    kill(-1, SIGKILL);
    sync();
    journal.add("done");
  } catch (const std::exception& error) {
    journal.add(std::string("failed ") + error.what());
  }
}

}  // namespace
}  // namespace violin

int main() {
  try {
    violin::run();
  } catch (const std::exception& error) {
    // Before there is a journal, the kernel's log is the only one that can be told.
    const int log = open("/dev/kmsg", O_WRONLY);
    const std::string text = std::string("violin-init: ") + error.what() + "\n";
    [[maybe_unused]] const ssize_t written = write(log, text.data(), text.size());
  }
  violin::power_off();
}
