#include "emulator/agent/node_program.hh"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <string>
#include <utility>

#include "emulator/os/child_process.hh"
#include "emulator/os/guest_process.hh"
#include "emulator/os/listening_port.hh"
#include "emulator/os/own_program.hh"
#include "emulator/os/pseudo_terminal.hh"
#include "emulator/uml/uml_process.hh"

namespace violin {
namespace {

// Of `violin traffic`.
constexpr const char* kCalendarZeroOption = "--calendar-zero";

// The program takes its input or leaves it; we never wait for it to.
void never_wait(int input) { ::fcntl(input, F_SETFL, O_NONBLOCK); }

class SpaceProgram final : public NodeProgram {
 public:
  SpaceProgram(const GuestSpace& space, const ProgramOrder& order) {
    if (order.terminal) {
      terminal_.emplace();
      resize(*order.terminal);
    } else {
      make_pipes();
    }
    process_.emplace(space,
                     GuestCommand{order.argv, order.as_root,
                                  GuestStreams{theirs_[0].get(), theirs_[1].get(), theirs_[2].get(),
                                               terminal_ ? terminal_->theirs() : -1},
                                  order.environment});
    for (FileDescriptor& end : theirs_) end.close();
    if (terminal_) terminal_->close_theirs();
    never_wait(input());
  }

  int input() const override { return terminal_ ? terminal_->ours() : input_.get(); }
  int output() const override { return terminal_ ? terminal_->ours() : output_.get(); }
  int error() const override { return error_.get(); }
  void end_input() override { input_.close(); }
  void resize(TerminalSize size) override {
    if (terminal_) terminal_->resize(size.columns, size.rows);
  }
  void signal(int number) override {
    // Without the object's own hands: it may be waited for by another thread.
    if (const pid_t pid = process_->pid(); pid > 0) ::kill(-pid, number);
  }
  int wait() override { return process_->wait(); }
  std::optional<int> finished() override { return process_->finished(); }

 private:
  void make_pipes() {
    DescriptorPair input = make_pipe(), output = make_pipe(), error = make_pipe();
    input_ = std::move(input.second);
    output_ = std::move(output.first);
    error_ = std::move(error.first);
    theirs_ = {std::move(input.first), std::move(output.second), std::move(error.second)};
  }

  FileDescriptor input_, output_, error_;
  std::array<FileDescriptor, 3> theirs_;
  std::optional<PseudoTerminal> terminal_;
  std::optional<GuestProcess> process_;
};

class MachineProgram final : public NodeProgram {
 public:
  MachineProgram(const UmlMachine& machine, const ProgramOrder& order)
      : terminal_(order.terminal.has_value()), process_(machine.guest().channel(), order) {
    never_wait(input());
  }

  int input() const override { return process_.streams().input.get(); }
  int output() const override { return process_.streams().output.get(); }
  int error() const override { return process_.streams().error.get(); }
  void end_input() override {
    if (!terminal_) process_.streams().input.close();
  }
  void resize(TerminalSize size) override {
    if (terminal_) process_.resize(size);
  }
  void signal(int number) override { process_.signal(number); }
  int wait() override { return process_.wait(); }
  std::optional<int> finished() override { return process_.finished(); }

 private:
  bool terminal_;
  mutable UmlProcess process_;
};

// What a program in a machine writes to its output; empty when it fails.
std::string output_of(const UmlMachine& machine, const ProgramOrder& order) {
  UmlProcess process(machine.guest().channel(), order);
  process.streams().input.close();
  std::string text;
  std::array<char, 16'384> piece;
  for (;;) {
    const ssize_t got = ::read(process.streams().output.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(piece.data(), static_cast<size_t>(got));
  }
  return process.wait() == 0 ? text : "";
}

int64_t calendar_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// By how much a machine's calendar is behind ours: its kernel loses some milliseconds, never the
// same, while it boots. The least of a few looks, because each takes a while to get here.
int64_t calendar_lag_ns(const UmlMachine& machine) {
  UmlProcess process(machine.guest().channel(),
                     {.argv = {"sh", "-c", "for i in 1 2 3 4 5 6 7 8; do date +%s%N; done"}});
  int64_t lag = std::numeric_limits<int64_t>::max();
  std::array<char, 1'024> line;
  for (;;) {
    const ssize_t got = ::read(process.streams().output.get(), line.data(), line.size());
    const int64_t ours = calendar_ns();
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    int64_t theirs = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + got, theirs);
    if (error == std::errc() && *end == '\n') lag = std::min(lag, ours - theirs);
  }
  return lag == std::numeric_limits<int64_t>::max() ? 0 : lag;
}

// A program of ours goes by the name that it has on the machine, and is told of an instant by the
// calendar that it sees.
ProgramOrder with_own_program(const UmlMachine& machine, ProgramOrder order) {
  if (order.argv.empty() || order.argv.front() != "/proc/self/exe") return order;
  order.argv.front() = own_program();
  const auto option = std::find(order.argv.begin(), order.argv.end(), kCalendarZeroOption);
  if (order.argv.end() - option < 2) return order;
  const int64_t zero = std::stoll(*(option + 1));
  *(option + 1) = std::to_string(zero - calendar_lag_ns(machine));
  return order;
}

}  // namespace

std::unique_ptr<NodeProgram> start_in(const NodePlace& place, const ProgramOrder& order) {
  if (place.space != nullptr) return std::make_unique<SpaceProgram>(*place.space, order);
  return std::make_unique<MachineProgram>(*place.machine, with_own_program(*place.machine, order));
}

bool listens_in(const NodePlace& place, uint16_t tcp_port) {
  if (place.space != nullptr) return tcp_port_listens(place.space->network(), tcp_port);
  const ProgramOrder order{.argv = {"cat", "/proc/net/tcp", "/proc/net/tcp6"}};
  return names_tcp_listener(output_of(*place.machine, order), tcp_port);
}

}  // namespace violin
