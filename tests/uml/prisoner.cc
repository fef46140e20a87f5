#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

// Stands where a guest's kernel would, in a cell, and says what it could do there. Its words are
// paths that it tries to read.

namespace {

void say(const char* what, bool done) {
  std::printf("%s: %s\n", what, done ? "yes" : std::strerror(errno));
}

void say_status(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) std::printf("%s\n", line.c_str());
  }
}

bool may_read(const std::string& path) {
  char byte = 0;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return file >= 0 && read(file, &byte, 1) == 1;
}

bool may_write_in(const std::string& folder) {
  return open((folder + "/written").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

bool may_connect(const std::string& path) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return connect(end, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
         write(end, path.data(), path.size()) == static_cast<ssize_t>(path.size());
}

void try_sockets() {
  if (!std::filesystem::exists("/violin/sockets")) return;
  for (const auto& entry : std::filesystem::directory_iterator("/violin/sockets")) {
    say(("connect " + entry.path().string()).c_str(), may_connect(entry.path()));
    say(("remove " + entry.path().string()).c_str(), unlink(entry.path().c_str()) == 0);
  }
}

int processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  return CPU_COUNT(&set);
}

int processes() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    count += std::isdigit(entry.path().filename().string()[0]) != 0 ? 1 : 0;
  }
  return count;
}

int descriptors() {
  int count = -1;  // the folder itself
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += entry.path().empty() ? 0 : 1;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  std::printf("uid %u gid %u\n", geteuid(), getegid());
  for (const char* field : {"CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp"}) {
    say_status(field);
  }
  std::printf("processes %d, descriptors %d\n", processes(), descriptors());
  std::printf("processors %d, at %d\n", processors(), sched_getcpu());
  say("mount", mount("none", "/violin/results", "tmpfs", 0, nullptr) == 0);
  say("unmount", umount2("/etc", MNT_DETACH) == 0);
  say("unshare", unshare(CLONE_NEWNS) == 0);
  say("clone",
      syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr) >= 0);
  say("chroot", chroot("/etc") == 0);
  say("become root", setuid(0) == 0);
  say("internet socket", socket(AF_INET, SOCK_DGRAM, 0) >= 0);
  say("netlink socket", socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
  say("unix socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
  say("trace process 1", ptrace(PTRACE_ATTACH, 1, nullptr, nullptr) == 0);
  say("kill process 1", kill(1, SIGKILL) == 0);
  for (const char* folder : {"/", "/etc", "/usr/bin", "/violin", "/violin/boot", "/violin/sockets",
                             "/dev", "/tmp", "/violin/results", "/violin/memory"}) {
    say((std::string("write in ") + folder).c_str(), may_write_in(folder));
  }
  try_sockets();
  for (int i = 1; i < argc; ++i) say((std::string("read ") + argv[i]).c_str(), may_read(argv[i]));
  std::fflush(stdout);
}
