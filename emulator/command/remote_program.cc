#include "emulator/command/remote_program.hh"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>

#include "emulator/deployment/execution_call.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/raw_terminal.hh"
#include "emulator/os/signal_descriptor.hh"

namespace violin {
namespace {

constexpr std::chrono::seconds kAgentPatience{5};
// A program that was interrupted so often and still runs is killed.
constexpr int kInterruptsMax = 3;

FileDescriptor make_event() {
  return checked_descriptor(::eventfd(0, EFD_CLOEXEC), "cannot make an event descriptor");
}

// False when nobody takes it any more.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A program in a node and what goes between it and us: a thread for each direction, signals in the
// calling one.
class Session {
 public:
  Session(AgentClient& agent, const ExecutionSpec& spec, SignalDescriptor& signals,
          const std::optional<RawTerminal>& terminal)
      : signals_(signals), terminal_(terminal), call_(agent, spec) {}

  int run() {
    std::thread output([this] { pass_output(); });
    std::thread input([this] { pass_input(); });
    pass_signals();
    output.join();
    ::eventfd_write(no_more_input_.get(), 1);
    input.join();
    if (failure_) std::rethrow_exception(failure_);
    return status_;
  }

 private:
  void pass_output() {
    try {
      while (const std::optional<ExecutionCall::Piece> piece = call_.next()) take(*piece);
    } catch (...) {
      failure_ = std::current_exception();
    }
    ::eventfd_write(ended_.get(), 1);
  }

  void take(const ExecutionCall::Piece& piece) {
    using Kind = ExecutionCall::Piece::Kind;
    if (piece.kind == Kind::kStatus) {
      status_ = piece.status;
      return;
    }
    const int to = piece.kind == Kind::kError ? STDERR_FILENO : STDOUT_FILENO;
    if (write_all(to, piece.text)) return;
    status_ = 128 + SIGPIPE;
    call_.cancel();
  }

  void pass_input() {
    std::array<pollfd, 2> looked_at{{{STDIN_FILENO, POLLIN, 0}, {no_more_input_.get(), POLLIN, 0}}};
    std::array<char, 16'384> buffer;
    while (::poll(looked_at.data(), looked_at.size(), -1) >= 0 || errno == EINTR) {
      if (looked_at[1].revents != 0) return;
      if (looked_at[0].revents == 0) continue;
      const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      call_.send_input({buffer.data(), static_cast<size_t>(got)});
    }
    // A terminal that is gone takes its programs with it.
    terminal_ ? void(call_.signal(SIGHUP)) : call_.end_input();
  }

  void pass_signals() {
    std::array<pollfd, 2> looked_at{{{signals_.get(), POLLIN, 0}, {ended_.get(), POLLIN, 0}}};
    int interrupts = 0;
    while (::poll(looked_at.data(), looked_at.size(), -1) >= 0 || errno == EINTR) {
      if (looked_at[1].revents != 0) return;
      if (looked_at[0].revents == 0) continue;
      const int number = signals_.take();
      if (number == SIGWINCH) {
        if (terminal_) call_.resize(terminal_->size());
        continue;
      }
      // What a terminal's user types goes in as it is; a signal is about this process.
      if (terminal_ || !call_.signal(number) || ++interrupts >= kInterruptsMax) {
        status_ = 128 + number;
        call_.cancel();
      }
    }
  }

  SignalDescriptor& signals_;
  const std::optional<RawTerminal>& terminal_;
  ExecutionCall call_;
  FileDescriptor ended_ = make_event();
  FileDescriptor no_more_input_ = make_event();
  std::atomic<int> status_ = 128 + SIGKILL;
  std::exception_ptr failure_;
};

}  // namespace

int run_remote_program(const LiveNode& node, ExecutionSpec spec) {
  SignalDescriptor signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH});
  std::optional<RawTerminal> terminal;
  if (spec.terminal) {
    terminal.emplace(STDIN_FILENO);
    spec.terminal = terminal->size();
  }
  AgentClient agent(node.name, node.socket, kAgentPatience);
  agent.check_version();
  return Session(agent, spec, signals, terminal).run();
}

}  // namespace violin
