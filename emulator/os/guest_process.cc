#include "emulator/os/guest_process.hh"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/check.hh"
#include "emulator/os/exit_status.hh"
#include "emulator/os/guest_exec.hh"
#include "emulator/os/mapped_users.hh"
#include "emulator/os/program_start.hh"

namespace violin {
namespace {

constexpr uint64_t kNobody = 65534;

GuestUser user_of(const GuestCommand& command) {
  if (command.as_root) return GuestUser::kRoot;
  const bool nobody_exists = mapped_users() > kNobody && mapped_groups() > kNobody;
  return nobody_exists ? GuestUser::kNobody : GuestUser::kBareRoot;
}

}  // namespace

GuestProcess::GuestProcess(const GuestSpace& guest, const GuestCommand& command) {
  const GuestStreams& streams = command.streams;
  const auto stream = [&](int given) { return streams.terminal >= 0 ? streams.terminal : given; };
  const GuestExec what = {.mounts = guest.mounts_fd(),
                          .network = guest.network().fd(),
                          .uts = guest.uts_fd(),
                          .input = stream(streams.input),
                          .output = stream(streams.output),
                          .error = stream(streams.error),
                          .terminal = streams.terminal >= 0,
                          .user = user_of(command)};
  const std::string& program = command.argv.at(0);
  const ProgramStart start = start_program(what, command.argv, command.environment);
  if (start.missing) throw ProgramMissing("the program " + program + " is not installed");
  const std::string action = "cannot start " + program + " in " + guest.hostname();
  if (start.pid < 0) throw_system_error(start.error, action + ": cannot " + start.why);
  pid_ = start.pid;
  exit_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (exit_.is_open()) return;
  const int error = errno;
  end();
  throw_system_error(error, action);
}

GuestProcess::~GuestProcess() { end(); }

GuestProcess::GuestProcess(GuestProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_(std::move(other.exit_)) {}

GuestProcess& GuestProcess::operator=(GuestProcess&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  exit_ = std::move(other.exit_);
  return *this;
}

int GuestProcess::wait() {
  const auto status = bury(0);
  CHECK(status.has_value());
  return *status;
}

std::optional<int> GuestProcess::finished() { return bury(WNOHANG); }

// The dead process keeps its number until waitpid() takes it: up to then the group's number cannot
// be anybody else's, so that is when what is left of the group can be killed.
std::optional<int> GuestProcess::bury(int wait_flags) {
  CHECK(pid_ > 0);
  siginfo_t info = {};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | wait_flags) != 0) {
    if (errno != EINTR) throw_system_error("cannot wait for a program of a guest");
  }
  if (info.si_pid == 0) return std::nullopt;
  kill(-pid_, SIGKILL);
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return exit_status(status);
}

void GuestProcess::signal(int number) {
  if (pid_ > 0) kill(-pid_, number);
}

void GuestProcess::end() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace violin
