#include "emulator/cell/cell_init.hh"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "emulator/cell/cell_protocol.hh"
#include "emulator/cell/cell_rights.hh"
#include "emulator/cell/cell_root.hh"
#include "emulator/guest_init/guest_layout.hh"
#include "emulator/os/mapped_users.hh"

namespace violin {
namespace {

constexpr unsigned kNobody = 65534;
constexpr int kNotCarriedOut = 3;

void tell(const FileDescriptor& control, CellMessage message, const std::string& action = "",
          const std::vector<int>& descriptors = {}) {
  action.copy(message.action, sizeof message.action - 1);
  iovec bytes = {.iov_base = &message, .iov_len = sizeof message};
  alignas(cmsghdr) char space[CMSG_SPACE(kCellDescriptorsMax * sizeof(int))] = {};
  msghdr whole = {.msg_iov = &bytes, .msg_iovlen = 1};
  if (!descriptors.empty()) {
    const size_t size = descriptors.size() * sizeof(int);
    whole.msg_control = space;
    whole.msg_controllen = CMSG_SPACE(size);
    cmsghdr* const header = CMSG_FIRSTHDR(&whole);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(header), descriptors.data(), size);
  }
  if (sendmsg(control.get(), &whole, MSG_NOSIGNAL) < 0) _exit(kNotCarriedOut);
}

CellUser user_of_cell() {
  const bool nobody_exists = mapped_users() > kNobody && mapped_groups() > kNobody;
  return nobody_exists ? CellUser{kNobody, kNobody} : CellUser{0, 0};
}

// Its output goes to the console, which nothing of the kernel's may read from, and it has no other
// descriptor.
void place_streams() {
  const FileDescriptor nothing = open_file("/dev/null", O_RDWR);
  const int console = fcntl(kCellConsole, F_DUPFD_CLOEXEC, 10);
  if (console < 0 || dup2(nothing.get(), 0) < 0 || dup2(console, 1) < 0 || dup2(console, 2) < 0 ||
      close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    throw_system_error("cannot place the kernel's streams");
  }
}

void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_DFL);
}

// Without randomised addresses, which the kernel would switch off itself, by executing itself
// again; and which would show in what its guests do.
void execute(const CellOptions& options, const FileDescriptor& kernel) {
  std::vector<std::string> words = {"linux"};
  words.insert(words.end(), options.kernel_arguments.begin(), options.kernel_arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string memory = std::string("TMPDIR=") + kCellMemory;
  std::string path = "PATH=/usr/bin:/bin", home = "HOME=/";
  char* environment[] = {memory.data(), path.data(), home.data(), nullptr};
  personality(ADDR_NO_RANDOMIZE);  // with PER_LINUX, which is 0
  // By its descriptor: it has no path in here.
  syscall(SYS_execveat, kernel.get(), "", argv.data(), environment, AT_EMPTY_PATH);
  throw_system_error("cannot execute " + options.kernel);
}

// What the child says on its way to the kernel: that it wants its users mapped, which is answered
// by the same, or what failed.
constexpr int kWantsUsersMapped = -1;

// Of the child: says over `parent` what went wrong before the kernel ran.
[[noreturn]] void become_kernel(const CellOptions& options, const FileDescriptor& kernel,
                                const CellUser& user, const FileDescriptor& parent) {
  CellMessage failure;
  try {
    // The kernel ends its whole process group when it panics.
    setsid();
    reset_signals();
    place_streams();
    give_up_rights(options, user, [&parent] {
      CellMessage message = {.error = kWantsUsersMapped};
      if (send(parent.get(), &message, sizeof message, MSG_NOSIGNAL) < 0 ||
          recv(parent.get(), &message, sizeof message, 0) != sizeof message) {
        throw_system_error("cannot have users mapped");
      }
    });
    execute(options, kernel);
  } catch (const std::system_error& error) {
    failure.error = error.code().value();
    action_of(error).copy(failure.action, sizeof failure.action - 1);
  }
  send(parent.get(), &failure, sizeof failure, MSG_NOSIGNAL);
  _exit(kNotCarriedOut);
}

// Does what the child asks for until the kernel runs; throws what the child says failed.
void help(pid_t child, const FileDescriptor& socket) {
  CellMessage said;
  while (recv(socket.get(), &said, sizeof said, 0) == sizeof said) {
    if (said.error != kWantsUsersMapped) {
      throw std::system_error(said.error, std::generic_category(), said.action);
    }
    map_users(child);
    send(socket.get(), &said, sizeof said, MSG_NOSIGNAL);
  }
}

// The wait status of the kernel, when it has ended; the process ends when nobody listens.
int wait_for(pid_t kernel, const FileDescriptor& control, const FileDescriptor& deaths) {
  for (;;) {
    pollfd news[] = {{.fd = deaths.get(), .events = POLLIN}, {.fd = control.get(), .events = 0}};
    if (poll(news, 2, -1) < 0 && errno != EINTR) _exit(kNotCarriedOut);
    if (news[1].revents != 0) _exit(kNotCarriedOut);
    signalfd_siginfo death;
    while (read(deaths.get(), &death, sizeof death) > 0) {
    }
    int status = 0;
    for (pid_t dead; (dead = waitpid(-1, &status, WNOHANG)) > 0;) {
      if (dead == kernel) return status;
    }
  }
}

FileDescriptor watch_deaths() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return checked_descriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
                            "cannot watch children");
}

void stay_on(int processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(processor), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) {
    throw_system_error("cannot keep a cell on processor " + std::to_string(processor));
  }
}

// The listening sockets are the owner's from then on: what is left of a device that went away is
// not to be connected to.
void hand_over(const FileDescriptor& control, CellRoot root) {
  std::vector<int> descriptors = {root.results.get()};
  for (const FileDescriptor& listener : root.listeners) descriptors.push_back(listener.get());
  tell(control, {}, "", descriptors);
}

void live(const CellOptions& options, const FileDescriptor& control, const FileDescriptor& kernel,
          const FileDescriptor& init) {
  const CellUser user = user_of_cell();
  if (options.sockets.size() >= kCellDescriptorsMax) {
    throw_system_error(EINVAL, "a cell has fewer devices");
  }
  if (options.processor) stay_on(*options.processor);
  CellRoot root = enter_cell_root(options, user, init);
  const FileDescriptor deaths = watch_deaths();
  DescriptorPair ends = make_socket_pair();
  // The kernel may be the same user as we, and is not to take hold of us: then we could not end it.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const pid_t child = fork();
  if (child < 0) throw_system_error("cannot make a process for the kernel");
  if (child == 0) become_kernel(options, kernel, user, ends.second);
  ends.second.close();
  help(child, ends.first);
  // All that is left to do is to wait.
  give_up_capabilities();
  hand_over(control, std::move(root));
  const int status = wait_for(child, control, deaths);
  tell(control, {.wait_status = status});
}

}  // namespace

void run_cell_init(const CellOptions& options, const FileDescriptor& control,
                   const FileDescriptor& kernel, const FileDescriptor& init) {
  // With the process outside that waits for us; with our owner, we end when he closes the socket.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    live(options, control, kernel, init);
  } catch (const std::system_error& error) {
    tell(control, {.error = error.code().value()}, action_of(error));
  }
  _exit(0);
}

}  // namespace violin
