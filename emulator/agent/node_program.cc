#include "emulator/agent/node_program.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <string>
#include <string_view>
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

// A program of the machine's that is asked something on our own behalf. Root of the machine may
// have put another one in its place: it is heard for so long, and for so many bytes.
class Question {
 public:
  Question(const UmlMachine& machine, const ProgramOrder& order)
      : process_(machine.guest().channel(), order) {
    process_.streams().input.close();
  }

  // The next that it writes; empty when it writes no more.
  std::string_view next() {
    const int from = process_.streams().output.get();
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now());
      pollfd something{from, POLLIN, 0};
      const int ready = ::poll(&something, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
      const ssize_t got = ready > 0 ? ::read(from, piece_.data(), piece_.size()) : ready;
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || (heard_ += static_cast<size_t>(got)) > kBytesMax) return {};
      return {piece_.data(), static_cast<size_t>(got)};
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPatience{5};
  static constexpr size_t kBytesMax = 1 << 20;

  UmlProcess process_;
  Clock::time_point until_ = Clock::now() + kPatience;
  size_t heard_ = 0;
  std::array<char, 16'384> piece_;
};

int64_t calendar_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// By how much a machine's calendar is behind ours: its kernel loses some milliseconds, never the
// same, while it boots. The least of a few looks, because each takes a while to get here.
int64_t calendar_lag_ns(const UmlMachine& machine) {
  Question question(machine,
                    {.argv = {"sh", "-c", "for i in 1 2 3 4 5 6 7 8; do date +%s%N; done"}});
  int64_t lag = std::numeric_limits<int64_t>::max();
  for (std::string_view line = question.next(); !line.empty(); line = question.next()) {
    const int64_t ours = calendar_ns();
    int64_t theirs = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), theirs);
    const bool is_whole = error == std::errc() && end < line.data() + line.size() && *end == '\n';
    if (is_whole) lag = std::min(lag, ours - theirs);
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
  Question question(*place.machine, {.argv = {"cat", "/proc/net/tcp", "/proc/net/tcp6"}});
  std::string text;
  for (std::string_view more = question.next(); !more.empty(); more = question.next()) text += more;
  return names_tcp_listener(text, tcp_port);
}

}  // namespace violin
