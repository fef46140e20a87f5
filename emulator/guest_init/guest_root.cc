#include "emulator/guest_init/guest_root.hh"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "emulator/guest_init/guest_layout.hh"

namespace violin {
namespace {

void mount_or_throw(const char* type, const std::string& where, unsigned long flags = 0,
                    const char* data = nullptr) {
  if (mount("none", where.c_str(), type, flags, data) != 0) {
    throw_system_error("cannot mount " + std::string(type) + " at " + where);
  }
}

void make_folder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) throw_system_error("cannot make " + path);
}

// The order of layers is overlayfs's: what is below stays as it is, also when it is the folder the
// guest boots from.
void make_root() {
  mount_or_throw("hostfs", "/lower", MS_RDONLY | MS_NODEV, "/");
  mount_or_throw("tmpfs", "/upper", 0, "mode=0755");
  make_folder("/upper/data", 0755);
  make_folder("/upper/work", 0755);
  // Nobody needs a set-user-id program here; and who they belong to may not come through hostfs.
  mount_or_throw("overlay", "/root", MS_NOSUID,
                 "lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work");
}

// Also where it is there already, because something below it is exposed.
void make_folder_for_all(const std::string& path) {
  make_folder(path, 01777);
  if (chmod(path.c_str(), 01777) != 0) throw_system_error("cannot open " + path + " to all");
}

// What a machine has besides its system. The rest of the root is in memory already.
void make_own_folders(const std::string& root) {
  constexpr unsigned long kPlain = MS_NOSUID | MS_NODEV;
  for (const char* folder : {"/proc", "/sys", "/dev", "/run", "/root", "/home", "/var", "/var/lib",
                             "/var/log", "/var/cache"}) {
    make_folder(root + folder, 0755);
  }
  for (const char* folder : {"/tmp", "/var/tmp"}) make_folder_for_all(root + folder);
  if (symlink("/run", (root + "/var/run").c_str()) != 0 && errno != EEXIST) {
    throw_system_error("cannot make " + root + "/var/run");
  }
  mount_or_throw("proc", root + "/proc", kPlain | MS_NOEXEC);
  mount_or_throw("sysfs", root + "/sys", kPlain | MS_NOEXEC);
  mount_or_throw("devtmpfs", root + "/dev", MS_NOSUID, "mode=0755");
  for (const char* folder : {"/dev/pts", "/dev/shm"}) make_folder(root + folder, 0755);
  mount_or_throw("devpts", root + "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666");
  mount_or_throw("tmpfs", root + "/dev/shm", kPlain, "mode=1777");
}

// The folder we booted from, and all that is mounted in it, is let go of: the guest's root holds
// what it is made of.
void move_into(const std::string& root) {
  if (chdir(root.c_str()) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
    throw_system_error("cannot move into " + root);
  }
}

}  // namespace

FileDescriptor enter_guest_root() {
  make_root();
  mount_or_throw("hostfs", "/results", MS_NOSUID | MS_NODEV | MS_NOEXEC, kCellResults);
  FileDescriptor results = open_file("/results", O_RDONLY | O_DIRECTORY);
  make_own_folders("/root");
  move_into("/root");
  return results;
}

}  // namespace violin
