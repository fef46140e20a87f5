#include "emulator/os/guest_exec.hh"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace violin {
namespace {

constexpr unsigned kNobody = 65534;
constexpr int kNotStarted = 127;  // as a shell says it; nobody reads it

// Handlers are forgotten by exec, ignoring is not.
void forget_signal_handling() {
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    // Refused for SIGKILL and SIGSTOP and the two that the C library keeps for itself.
    sigaction(number, &usual, nullptr);
  }
}

bool enter_guest(const GuestExec& what) {
  if (what.mounts < 0) return chdir("/") == 0;
  // The first also moves the working directory, to the guest's root.
  return setns(what.mounts, CLONE_NEWNS) == 0 && setns(what.network, CLONE_NEWNET) == 0 &&
         setns(what.uts, CLONE_NEWUTS) == 0;
}

// All are first moved out of the way, as each may be where another one belongs.
bool place_streams(const GuestExec& what) {
  const int sources[] = {what.input, what.output, what.error};
  int copies[3];
  for (int i = 0; i < 3; ++i) {
    copies[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, 3);
    if (copies[i] < 0) return false;
  }
  for (int i = 0; i < 3; ++i) {
    if (dup2(copies[i], i) < 0) return false;
  }
  // Whatever else is open here, by whichever library, is none of the program's.
  return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

bool drop_capabilities() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

// The kernel refuses to execute a file that asks for a capability outside of the bounding set, and
// stock network programs (ping) ask for these two, though they run without. Nobody gets them: that
// is what no_new_privs is for.
bool may_be_asked_for(int capability) {
  return capability == CAP_NET_RAW || capability == CAP_NET_ADMIN;
}

// After this no file's capabilities, set-user-id bit or being root of a user namespace gives
// anything back (prctl(2), PR_SET_NO_NEW_PRIVS). The system calls are made directly because the C
// library's functions would first ask all threads, of which the child has no more than their
// memory.
bool give_up_rights(GuestUser user) {
  if (user == GuestUser::kRoot) return true;
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if (may_be_asked_for(capability)) continue;
    if (prctl(PR_CAPBSET_DROP, capability) != 0) return false;
  }
  if (user == GuestUser::kNobody) {
    if (syscall(SYS_setgroups, 0, nullptr) != 0 ||
        syscall(SYS_setresgid, kNobody, kNobody, kNobody) != 0 ||
        syscall(SYS_setresuid, kNobody, kNobody, kNobody) != 0) {
      return false;
    }
  }
  return drop_capabilities() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// After the change of user, which would undo it. A parent that died before that shows as another.
bool die_with_parent(pid_t parent) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Returns the error that says most: a program that was found but may not be run is not missing.
int run(const GuestExec& what) {
  int error = ENOENT;
  for (const char* const* program = what.programs; *program != nullptr; ++program) {
    execve(*program, what.argv, what.environment);
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
  }
  return error;
}

[[noreturn]] void give_up(int report, GuestExecStep step, int error) {
  const GuestExecFailure failure = {.step = step, .error = error};
  // Whether or not it can be written, there is nothing else to do.
  [[maybe_unused]] const ssize_t written = write(report, &failure, sizeof failure);
  _exit(kNotStarted);
}

}  // namespace

const char* description(GuestExecStep step) {
  switch (step) {
    case GuestExecStep::kGroup:
      return "make a process group";
    case GuestExecStep::kNamespaces:
      return "enter the guest";
    case GuestExecStep::kStreams:
      return "place the standard streams";
    case GuestExecStep::kTerminal:
      return "take the terminal";
    case GuestExecStep::kRights:
      return "give up rights";
    case GuestExecStep::kOwner:
      return "be ended with the owner";
    case GuestExecStep::kProgram:
      return "execute the program";
  }
  return "start";
}

void guest_exec(const GuestExec& what) noexcept {
  // Out of the way of the standard streams.
  const int report = fcntl(what.report, F_DUPFD_CLOEXEC, 3);
  const auto check = [report](bool done, GuestExecStep step) {
    if (!done) give_up(report, step, errno);
  };
  umask(022);
  forget_signal_handling();
  check(what.terminal ? setsid() >= 0 : setpgid(0, 0) == 0, GuestExecStep::kGroup);
  check(enter_guest(what), GuestExecStep::kNamespaces);
  check(place_streams(what), GuestExecStep::kStreams);
  check(!what.terminal || ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0, GuestExecStep::kTerminal);
  check(give_up_rights(what.user), GuestExecStep::kRights);
  check(die_with_parent(what.parent), GuestExecStep::kOwner);
  unblock_signals();
  give_up(report, GuestExecStep::kProgram, run(what));
}

}  // namespace violin
