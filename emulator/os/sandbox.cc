#include "emulator/os/sandbox.hh"

#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <utility>

#include "core/check.hh"
#include "emulator/os/exit_status.hh"
#include "emulator/os/sandbox_init.hh"

namespace violin {
namespace {

bool has_one_thread() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads)) == 1;
}

// The next word of PID 1; ECHILD when it ended without one.
SandboxMessage hear(const FileDescriptor& init) {
  SandboxMessage message;
  ssize_t count = 0;
  do {
    count = recv(init.get(), &message, sizeof message, 0);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof message) return {.error = ECHILD, .action = "cannot hear of the sandbox"};
  return message;
}

}  // namespace

Sandbox::Sandbox(const std::function<int()>& body, const Options& options) {
  CHECK_MESSAGE(has_one_thread(), "a sandbox is made before any other thread");
  const SandboxOwner identity = {
      .uid = geteuid(), .gid = getegid(), .user_namespace = geteuid() != 0};
  const unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
                              (options.own_network ? CLONE_NEWNET : 0) |
                              (identity.user_namespace ? CLONE_NEWUSER : 0);
  DescriptorPair ends = make_socket_pair();
  std::fflush(nullptr);  // or the sandbox would print what we did not yet
  // As fork(), which has no way to ask for namespaces.
  pid_ =
      static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (pid_ < 0) throw_system_error("cannot make the namespaces of a sandbox");
  if (pid_ == 0) {
    // As long as we held the owner's end, its death would not be heard.
    ends.first.close();
    run_sandbox_init(std::move(ends.second), identity, options, body);
  }
  ends.second.close();
  SandboxMessage message = hear(ends.first);
  if (message.error == 0) {
    send(ends.first.get(), &message, sizeof message, MSG_NOSIGNAL);
    message = hear(ends.first);
  }
  if (message.error != 0) {
    end();
    throw_system_error(message.error, message.action);
  }
  exit_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (exit_.is_open()) return;
  const int error = errno;
  end();
  throw_system_error(error, "cannot watch the sandbox");
}

Sandbox::~Sandbox() { end(); }

Sandbox::Sandbox(Sandbox&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_(std::move(other.exit_)) {}

Sandbox& Sandbox::operator=(Sandbox&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  exit_ = std::move(other.exit_);
  return *this;
}

int Sandbox::wait() {
  CHECK(pid_ > 0);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) throw_system_error("cannot wait for the sandbox");
  }
  pid_ = -1;
  return exit_status(status);
}

std::optional<int> Sandbox::finished() {
  CHECK(pid_ > 0);
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return exit_status(status);
}

void Sandbox::interrupt() {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

void Sandbox::end() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace violin
