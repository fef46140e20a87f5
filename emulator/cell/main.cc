#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <vector>

#include "emulator/cell/cell_init.hh"
#include "emulator/cell/cell_options.hh"
#include "emulator/cell/cell_protocol.hh"
#include "emulator/os/file_descriptor.hh"

// The program `violin-cell`: the namespaces that one guest's kernel runs in, and nothing else. A
// program of its own, and small, because it stays as long as the guest does, and because what it
// does to its process cannot be done to one with several threads.

namespace violin {
namespace {

void map_owner_to_root(uid_t uid, gid_t gid) {
  const auto map = [](unsigned outside) { return "0 " + std::to_string(outside) + " 1\n"; };
  write_file("/proc/self/setgroups", "deny");  // the kernel's condition for an ordinary user's map
  write_file("/proc/self/uid_map", map(uid));
  write_file("/proc/self/gid_map", map(gid));
}

void make_namespaces() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  const int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                    CLONE_NEWCGROUP | (uid == 0 ? 0 : CLONE_NEWUSER);
  if (unshare(flags) != 0) throw_system_error("cannot make the namespaces of a cell");
  if (uid != 0) map_owner_to_root(uid, gid);
}

// Our children are in the new PID namespace; the first is its process 1.
int run_in_namespaces(const CellOptions& options, FileDescriptor& control) {
  const FileDescriptor kernel = open_file(options.kernel, O_RDONLY);
  const FileDescriptor init = open_file(options.init, O_RDONLY);
  make_namespaces();
  const pid_t first = fork();
  if (first < 0) throw_system_error("cannot make the first process of a cell");
  if (first == 0) run_cell_init(options, control, kernel, init);
  control.close();
  int status = 0;
  while (waitpid(first, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0 ? 0 : 3;
}

int run(const std::vector<std::string>& words) {
  const auto options = CellOptions::parse(words);
  if (!options || fcntl(kCellControl, F_GETFD) < 0) {
    std::fputs("violin-cell is started by violin\n", stderr);
    return 2;
  }
  for (const int descriptor : {kCellControl, kCellOrder, kCellConsole}) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  FileDescriptor control(kCellControl);
  try {
    return run_in_namespaces(*options, control);
  } catch (const std::system_error& error) {
    CellMessage message = {.error = error.code().value()};
    action_of(error).copy(message.action, sizeof message.action - 1);
    send(kCellControl, &message, sizeof message, MSG_NOSIGNAL);
    return 3;
  }
}

}  // namespace
}  // namespace violin

int main(int argc, char** argv) {
  return violin::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
