#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

// Run by root of a guest with a kernel of its own: tries to get at the machine that the guest runs
// on, through the door that there is, its file system. Its words: what to read, a comma, and where
// to write. Says what it could do; says of a control what anybody in the guest can do, so that a
// broken attempt is not taken for a good wall.

namespace {

namespace fs = std::filesystem;

void say(const std::string& what, bool done) {
  std::printf("%s: %s\n", what.c_str(), done ? "yes" : std::strerror(errno));
}

bool may_read(const std::string& path) {
  char byte = 0;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && read(file, &byte, 1) == 1;
  if (file >= 0) close(file);
  return done;
}

bool may_write(const std::string& folder) {
  const std::string path = folder + "/violin-was-here";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  const bool done = file >= 0 && write(file, "x", 1) == 1 && fsync(file) == 0;
  if (file >= 0) close(file);
  return done;
}

void try_everything(const std::string& root, const std::vector<std::string>& to_read,
                    const std::vector<std::string>& to_write) {
  for (const std::string& path : to_read) say("read " + root + path, may_read(root + path));
  for (const std::string& path : to_write) say("write in " + root + path, may_write(root + path));
}

// By hostfs mounted anew, writable, at this path of the machine.
void try_anew(const std::string& path, const std::vector<std::string>& to_read,
              const std::vector<std::string>& to_write) {
  static int number = 0;
  const std::string where = "/anew" + std::to_string(number++);
  fs::create_directories(where);
  const bool mounted = mount("none", where.c_str(), "hostfs", 0, path.c_str()) == 0;
  say("mount hostfs at " + path, mounted);
  if (!mounted) return;
  say("control: read " + where + "/etc/passwd", may_read(where + "/etc/passwd"));
  say("remount " + where, mount("none", where.c_str(), nullptr, MS_REMOUNT, "") == 0);
  try_everything(where, to_read, to_write);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> to_read, to_write;
  bool reading = true;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == ",") {
      reading = false;
    } else {
      (reading ? to_read : to_write).emplace_back(argv[i]);
    }
  }
  say("control: read /etc/passwd", may_read("/etc/passwd"));
  say("control: write in /etc", may_write("/etc"));
  say("remount", mount("none", "/", nullptr, MS_REMOUNT, "") == 0);
  try_everything("", to_read, {});
  try_anew("/", to_read, to_write);
  // Around the cell's root, by the kernel's view of processes, or upwards.
  for (const char* path : {"/proc/1/root", "/proc/self/root", "/proc/self/cwd", "/../.."}) {
    try_anew(path, to_read, to_write);
  }
  // A device of the machine's, made anew.
  say("make a device", mknod("/anew0/violin/memory/disk", S_IFBLK | 0666, 0xfe00) == 0);
  // For who reads the results: the job's own errors are the owner's /etc/passwd.
  const char* const result = "/anew0/violin/results/0.err";
  say("plant a link", unlink(result) == 0 && symlink("/etc/passwd", result) == 0);
  std::printf("tried everything\n");
}
