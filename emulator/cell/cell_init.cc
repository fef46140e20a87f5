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
#include "emulator/os/child_deaths.hh"
#include "emulator/os/mapped_users.hh"

namespace violin {
namespace {

constexpr unsigned kNobody = 65534;
constexpr int kNotCarriedOut = 3;

void tell(const FileDescriptor& control, CellMessage message, const std::string& action = "") {
  action.copy(message.action, sizeof message.action - 1);
  if (send(control.get(), &message, sizeof message, MSG_NOSIGNAL) < 0) _exit(kNotCarriedOut);
}

// That the kernel runs, and how it is reached. Whoever listens has the only descriptors then, so
// that a device whose listener it closes is refused.
void hand_over(const FileDescriptor& control, CellDoors doors, FileDescriptor channel) {
  std::vector<int> descriptors = {doors.results.get()};
  for (const FileDescriptor& listener : doors.listeners) descriptors.push_back(listener.get());
  if (channel.is_open()) descriptors.push_back(channel.get());
  const size_t size = descriptors.size() * sizeof(int);
  CellMessage message;
  iovec bytes = {.iov_base = &message, .iov_len = sizeof message};
  alignas(cmsghdr) char space[CMSG_SPACE(kCellDescriptorsMax * sizeof(int))] = {};
  msghdr whole = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = space, .msg_controllen = CMSG_SPACE(size)};
  cmsghdr* const header = CMSG_FIRSTHDR(&whole);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), descriptors.data(), size);
  if (sendmsg(control.get(), &whole, MSG_NOSIGNAL) < 0) _exit(kNotCarriedOut);
}

CellUser user_of_cell() {
  const bool nobody_exists = mapped_users() > kNobody && mapped_groups() > kNobody;
  return nobody_exists ? CellUser{kNobody, kNobody} : CellUser{0, 0};
}

// A stream of bytes to and from the guest's kernel: the ends are its owner's, and its own.
DescriptorPair make_channel() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_system_error("cannot make the channel of a guest");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// Its output goes to the console, which nothing of the kernel's may read from, and it has no other
// descriptor but, of a guest that has one, its channel.
void place_streams(const FileDescriptor& channel) {
  const FileDescriptor nothing = open_file("/dev/null", O_RDWR);
  const int console = fcntl(kCellConsole, F_DUPFD_CLOEXEC, 10);
  if (console < 0 || dup2(nothing.get(), 0) < 0 || dup2(console, 1) < 0 || dup2(console, 2) < 0 ||
      close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    throw_system_error("cannot place the kernel's streams");
  }
  if (!channel.is_open()) return;
  // What was there is the way to our owner, and not this process's.
  const int copy = fcntl(channel.get(), F_DUPFD_CLOEXEC, 10);
  if (copy < 0 || dup2(copy, kKernelChannel) < 0) throw_system_error("cannot place the channel");
}

// For all processes of the kernel, which inherit it.
void stay_on(int processor) {
  const auto index = static_cast<size_t>(processor);
  cpu_set_t only;
  CPU_ZERO(&only);
  if (index < CPU_SETSIZE) CPU_SET(index, &only);
  if (sched_setaffinity(0, sizeof only, &only) != 0) {
    throw_system_error("cannot run on processor " + std::to_string(processor));
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
                                const CellUser& user, const FileDescriptor& parent,
                                const FileDescriptor& channel) {
  CellMessage failure;
  try {
    // The kernel ends its whole process group when it panics.
    setsid();
    reset_signals();
    place_streams(channel);
    if (options.processor) stay_on(*options.processor);
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

void live(const CellOptions& options, const FileDescriptor& control, const FileDescriptor& kernel,
          const FileDescriptor& init) {
  const CellUser user = user_of_cell();
  CellDoors doors = enter_cell_root(options, user, init);
  const FileDescriptor deaths = watch_deaths();
  DescriptorPair ends = make_socket_pair(), channel;
  if (options.channel) channel = make_channel();
  // The kernel may be the same user as we, and is not to take hold of us: then we could not end it.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const pid_t child = fork();
  if (child < 0) throw_system_error("cannot make a process for the kernel");
  if (child == 0) become_kernel(options, kernel, user, ends.second, channel.second);
  ends.second.close();
  channel.second.close();
  help(child, ends.first);
  // All that is left to do is to wait.
  give_up_capabilities();
  hand_over(control, std::move(doors), std::move(channel.first));
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
