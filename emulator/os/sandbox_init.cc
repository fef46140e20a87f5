#include "emulator/os/sandbox_init.hh"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>

#include "emulator/os/exit_status.hh"
#include "emulator/os/network_namespace.hh"

namespace violin {
namespace {

// How PID 1 ends when the owner is gone: nobody is left to read it.
constexpr int kOwnerIsGone = 1;

// The kernel kills us with the owner from here on. An owner that died before that cannot answer;
// one that answers was alive afterwards. (getppid() says nothing here: the owner is outside of our
// PID namespace.)
void die_with_owner(const FileDescriptor& owner) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  SandboxMessage message;
  if (send(owner.get(), &message, sizeof message, MSG_NOSIGNAL) < 0) _exit(kOwnerIsGone);
  ssize_t count = 0;
  do {
    count = recv(owner.get(), &message, sizeof message, 0);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) _exit(kOwnerIsGone);
}

// Root here is the owner outside; there is no other user.
void map_owner_to_root(const SandboxOwner& identity) {
  const auto map = [](unsigned outside) { return "0 " + std::to_string(outside) + " 1\n"; };
  write_file("/proc/self/setgroups", "deny");  // the kernel's condition for an ordinary user's map
  write_file("/proc/self/uid_map", map(identity.uid));
  write_file("/proc/self/gid_map", map(identity.gid));
}

void mount_or_throw(const char* type, const std::string& where, unsigned long flags,
                    const std::string& data) {
  if (mount(type, where.c_str(), type, flags, data.c_str()) != 0) {
    throw_system_error("cannot mount " + where + " of the sandbox");
  }
}

void make_namespaces_our_own(const SandboxOwner& identity, const Sandbox::Options& options) {
  if (identity.user_namespace) map_owner_to_root(identity);
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw_system_error("cannot make the mounts of the sandbox private");
  }
  mount_or_throw("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  mount_or_throw("tmpfs", options.run_directory, MS_NOSUID | MS_NODEV,
                 "mode=0755,size=" + options.run_size);
  if (options.own_network) set_up_new_network();
}

void tell_owner(const FileDescriptor& owner, int error, const std::string& action) {
  SandboxMessage message = {.error = error};
  action.copy(message.action, sizeof message.action - 1);
  if (send(owner.get(), &message, sizeof message, MSG_NOSIGNAL) < 0) _exit(kOwnerIsGone);
}

// The signals PID 1 waits for; blocked, so that none is lost between two looks.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Buries the dead until body is among them; passes SIGTERM on to it.
int wait_for_body(pid_t body, const sigset_t& signals) {
  for (;;) {
    const int signal = sigwaitinfo(&signals, nullptr);
    if (signal == SIGTERM) kill(body, SIGTERM);
    int status = 0;
    while (const pid_t dead = waitpid(-1, &status, WNOHANG)) {
      if (dead == body) return exit_status(status);
      if (dead < 0) break;
    }
  }
}

void reset_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGPIPE, SIGHUP}) {
    std::signal(signal, SIG_DFL);
  }
}

}  // namespace

void run_sandbox_init(FileDescriptor owner, const SandboxOwner& identity,
                      const Sandbox::Options& options, const std::function<int()>& body) {
  die_with_owner(owner);
  setpgid(0, 0);
  reset_signals();
  const sigset_t signals = awaited_signals();
  sigset_t before;
  sigprocmask(SIG_BLOCK, &signals, &before);
  try {
    make_namespaces_our_own(identity, options);
  } catch (const std::system_error& error) {
    tell_owner(owner, error.code().value(), action_of(error));
    _exit(1);
  }
  const pid_t child = fork();
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    owner.close();
    const int status = [&]() noexcept { return body(); }();
    std::fflush(nullptr);  // _exit() leaves what body printed where it is
    _exit(status);
  }
  if (child < 0) {
    tell_owner(owner, errno, "cannot start a process in the sandbox");
    _exit(1);
  }
  tell_owner(owner, 0, "");
  owner.close();
  _exit(wait_for_body(child, signals));
}

}  // namespace violin
