#pragma once

#include <poll.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>

namespace violin::testing {

// Until the condition holds; false when it does not within so many seconds.
inline bool eventually(const std::function<bool()>& holds, int seconds = 20) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

// How many processes descend from one.
inline int descendants_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  int count = 0;
  for (pid_t child = 0; children >> child;) count += 1 + descendants_of(child);
  return count;
}

// What a guest could leave on the machine: children of ours, mounts, and names in folders for
// temporary files.
class Leftovers {
 public:
  Leftovers() : mounts_(lines_of("/proc/self/mountinfo")) {
    for (const char* folder : {"/dev/shm", "/tmp", "/run", "/var/tmp"}) {
      std::error_code unreadable;
      for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable)) {
        const std::string name = entry.path().filename();
        // Other tests have folders of their own, and may be running.
        if (name.starts_with("violin-test-")) continue;
        if (name.starts_with("vm_file") || name.starts_with("uml") || name.starts_with("violin")) {
          names_.insert(entry.path());
        }
      }
    }
    // Where a kernel in user space puts its files when nobody tells it otherwise.
    std::error_code unreadable;
    if (std::filesystem::exists("/root/.uml", unreadable)) names_.insert("/root/.uml");
  }

  // What is there now and was not then, a line each.
  static std::string since(const Leftovers& before) {
    const Leftovers now;
    std::string text;
    for (const std::string& mount : now.mounts_) {
      if (!before.mounts_.contains(mount)) text += "mount " + mount + "\n";
    }
    for (const std::string& name : now.names_) {
      if (!before.names_.contains(name)) text += "file " + name + "\n";
    }
    const int left = now.processes_ - before.processes_;
    if (left > 0) text += std::to_string(left) + " processes\n";
    return text;
  }

 private:
  static std::set<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.insert(line);
    return lines;
  }

  int processes_ = descendants_of(getpid());
  std::set<std::string> mounts_;
  std::set<std::string> names_;
};

// A process that owns something, to be killed without warning; what it leaves comes to us.
class KilledOwner {
 public:
  // `body` does not return.
  explicit KilledOwner(const std::function<void()>& body) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_ = fork();
    if (pid_ != 0) return;
    body();
    _exit(1);
  }

  int descendants() const { return descendants_of(pid_); }
  void kill() { send(SIGKILL); }
  void send(int signal) { ::kill(pid_, signal); }
  // Its exit status when it ends by itself; -1 when something ended it.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Buries the owner and all it left; false when some of that does not end.
  static bool all_buried() {
    return eventually([] {
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
    });
  }

 private:
  pid_t pid_ = -1;
};

}  // namespace violin::testing
