#include "emulator/cell/cell_root.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <utility>

#include "emulator/cell/cell_protocol.hh"
#include "emulator/guest_init/guest_layout.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

// Where the new root is made: a folder that every machine has, and nothing is taken from.
const fs::path kStage = "/sys";

constexpr const char* kSystemFolders[] = {"bin",    "sbin", "lib", "lib32", "lib64",
                                          "libx32", "usr",  "etc", "opt"};
// Of the system, and nobody's business.
constexpr const char* kHiddenFolders[] = {"etc/ssh",       "etc/ssl/private",
                                          "etc/sudoers.d", "etc/NetworkManager",
                                          "etc/wireguard", "usr/src"};
constexpr const char* kHiddenFiles[] = {"etc/shadow",          "etc/shadow-", "etc/gshadow",
                                        "etc/gshadow-",        "etc/sudoers", "etc/krb5.keytab",
                                        "etc/security/opasswd"};
constexpr const char* kDevices[] = {"null", "zero", "full", "random", "urandom"};

void mount_or_throw(const std::string& what, const fs::path& where, const char* type,
                    unsigned long flags, const std::string& data = "") {
  if (mount(what.c_str(), where.c_str(), type, flags, data.c_str()) != 0) {
    throw_system_error("cannot mount " + what + " at " + where.string() + " of a cell");
  }
}

void bind_mount(const fs::path& what, const fs::path& where) {
  mount_or_throw(what, where, nullptr, MS_BIND | MS_REC);
}

void make_file(const fs::path& path) {
  checked_descriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0444),
                     "cannot make " + path.string());
}

// Below the new root, whatever the path is.
fs::path staged(const fs::path& path) { return kStage / path.relative_path(); }

// With everything that is mounted below.
void make_read_only(const fs::path& folder) {
  mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
  if (syscall(SYS_mount_setattr, AT_FDCWD, folder.c_str(), AT_RECURSIVE, &attributes,
              sizeof attributes) != 0) {
    throw_system_error("cannot make " + folder.string() + " of a cell read-only");
  }
}

void show_system() {
  for (const char* name : kSystemFolders) {
    const fs::path source = fs::path("/") / name;
    if (fs::is_symlink(source)) {
      fs::copy_symlink(source, staged(source));
    } else if (fs::is_directory(source)) {
      fs::create_directory(staged(source));
      bind_mount(source, staged(source));
      // At once: nothing that is made in the new root from here on may end up in the machine's.
      make_read_only(staged(source));
    }
  }
  for (const char* name : kHiddenFolders) {
    const fs::path folder = staged(name);
    if (fs::is_directory(folder)) mount_or_throw("tmpfs", folder, "tmpfs", 0, "mode=0755,size=4k");
  }
  for (const char* name : kHiddenFiles) {
    if (fs::is_regular_file(staged(name))) bind_mount("/dev/null", staged(name));
  }
}

bool is_of_the_system(const fs::path& path) {
  const std::string first = *std::next(path.begin());  // behind the root
  return std::find(std::begin(kSystemFolders), std::end(kSystemFolders), first) !=
         std::end(kSystemFolders);
}

void expose(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const fs::path source = fs::canonical(path);
    if (is_of_the_system(path)) continue;
    const fs::path place = staged(path);
    if (fs::is_directory(source)) {
      fs::create_directories(place);
    } else {
      fs::create_directories(place.parent_path());
      make_file(place);
    }
    bind_mount(source, place);
  }
}

// A copy in memory: a file of the machine's could be where the guest's kernel may not look.
void copy(const FileDescriptor& from, const fs::path& to, mode_t mode) {
  const FileDescriptor copy = checked_descriptor(
      open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, mode), "cannot make " + to.string());
  char buffer[65536];
  off_t done = 0;
  for (ssize_t count; (count = pread(from.get(), buffer, sizeof buffer, done)) != 0;
       done += count) {
    if (count < 0 || write(copy.get(), buffer, static_cast<size_t>(count)) != count) {
      throw_system_error("cannot copy to " + to.string());
    }
  }
}

void make_own_folders(const FileDescriptor& init) {
  for (const char* folder : {"/proc", "/dev"}) fs::create_directory(staged(folder));
  for (const char* device : kDevices) make_file(staged("/dev") / device);
  for (const char* folder : {kCellBoot, kCellResults, kCellKernel, kCellSockets, kCellMemory}) {
    fs::create_directories(staged(folder));
  }
  const fs::path boot = staged(kCellBoot);
  for (const char* folder : kBootFolders) fs::create_directory(boot / fs::path(folder).filename());
  copy(init, boot.string() + kBootInit, 0555);
  copy(FileDescriptor(fcntl(kCellOrder, F_DUPFD_CLOEXEC, 3)), boot.string() + kBootOrder, 0444);
}

// Made before its folder becomes read-only, which keeps anybody inside from taking the place of
// one, and nobody from connecting: that writes nothing.
FileDescriptor make_listener(const std::string& name) {
  constexpr int kWaiting = 4;  // a device connects once
  const std::string path = staged(kCellSockets) / name;
  sockaddr_un address = {.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  FileDescriptor listener = checked_descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                                               "cannot make a socket of a cell");
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), kWaiting) != 0) {
    throw_system_error("cannot listen at the socket " + name + " of a cell");
  }
  return listener;
}

// What is not read-only, or a device: mounted when the rest cannot change any more.
void mount_exceptions(const CellOptions& options, const CellUser& user) {
  mount_or_throw("proc", staged("/proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  for (const char* device : kDevices)
    bind_mount(fs::path("/dev") / device, staged("/dev") / device);
  const std::string owner =
      ",mode=0700,uid=" + std::to_string(user.uid) + ",gid=" + std::to_string(user.gid);
  constexpr unsigned long kPlain = MS_NOSUID | MS_NODEV;
  // A file more costs memory, too.
  mount_or_throw("tmpfs", staged(kCellResults), "tmpfs", kPlain | MS_NOEXEC,
                 "nr_inodes=4096,size=" + std::to_string(options.results_bytes) + owner);
  mount_or_throw("tmpfs", staged(kCellKernel), "tmpfs", kPlain | MS_NOEXEC,
                 "nr_inodes=64,size=64k" + owner);
  // The guest's programs are executed from its memory. One page more is for the kernel's own trial.
  mount_or_throw("tmpfs", staged(kCellMemory), "tmpfs", kPlain,
                 "nr_inodes=64,size=" + std::to_string(options.memory_bytes + (1 << 20)) + owner);
}

void move_in() {
  if (chdir(kStage.c_str()) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
    throw_system_error("cannot move into a cell");
  }
}

}  // namespace

CellDoors enter_cell_root(const CellOptions& options, const CellUser& user,
                          const FileDescriptor& init) {
  umask(0);
  mount_or_throw("none", "/", nullptr, MS_REC | MS_PRIVATE);
  mount_or_throw("tmpfs", kStage, "tmpfs", 0, "mode=0755,size=64m");
  show_system();
  expose(options.exposed);
  make_own_folders(init);
  CellDoors doors;
  for (const std::string& name : options.sockets) doors.listeners.push_back(make_listener(name));
  make_read_only(kStage);
  mount_exceptions(options, user);
  move_in();
  doors.results = open_file(kCellResults, O_RDONLY | O_DIRECTORY);
  return doors;
}

}  // namespace violin
