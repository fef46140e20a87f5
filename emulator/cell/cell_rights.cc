#include "emulator/cell/cell_rights.hh"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/mapped_users.hh"

namespace violin {
namespace {

// Each process of the guest is one of the machine, too.
constexpr rlim_t kMostProcesses = 1024;
constexpr rlim_t kMostFiles = 4096;

void limit(int resource, rlim_t most, const char* what) {
  // Never more than we had.
  rlimit before = {};
  getrlimit(static_cast<__rlimit_resource_t>(resource), &before);
  const rlim_t value = std::min(most, before.rlim_max);
  const rlimit wanted = {.rlim_cur = value, .rlim_max = value};
  if (setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) != 0) {
    throw_system_error(std::string("cannot limit ") + what);
  }
}

void set_limits(const CellOptions& options) {
  limit(RLIMIT_CORE, 0, "core files");
  limit(RLIMIT_NPROC, kMostProcesses, "processes");
  limit(RLIMIT_NOFILE, kMostFiles, "open files");
  // The largest file is the guest's memory.
  limit(RLIMIT_FSIZE, std::max(options.memory_bytes, options.results_bytes) + (1 << 20),
        "the size of files");
  limit(RLIMIT_MEMLOCK, 0, "locked memory");
  limit(RLIMIT_MSGQUEUE, 0, "message queues");
}

void bound_capabilities() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if (prctl(PR_CAPBSET_DROP, capability) != 0) throw_system_error("cannot bound capabilities");
  }
}

void drop_capabilities() {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capset, &header, none) != 0) throw_system_error("cannot give up capabilities");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw_system_error("cannot forgo new rights");
}

void become(const CellUser& user) {
  if (setgroups(0, nullptr) != 0 || setresgid(user.gid, user.gid, user.gid) != 0 ||
      setresuid(user.uid, user.uid, user.uid) != 0) {
    throw_system_error("cannot become the user of a cell");
  }
}

}  // namespace

void give_up_capabilities() {
  bound_capabilities();
  drop_capabilities();
}

void give_up_rights(const CellOptions& options, const CellUser& user,
                    const std::function<void()>& have_users_mapped) {
  set_limits(options);
  if (user.uid != 0) {
    // While we are root, so that it is root's.
    if (unshare(CLONE_NEWUSER) != 0) throw_system_error("cannot make the user namespace of a cell");
    have_users_mapped();
  }
  // Leaving root takes the right to do this.
  bound_capabilities();
  if (user.uid != 0) become(user);
  drop_capabilities();
  forbid_system_calls();
}

void map_users(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process);
  write_file(folder + "/uid_map", "0 0 " + std::to_string(mapped_users()) + "\n");
  write_file(folder + "/gid_map", "0 0 " + std::to_string(mapped_groups()) + "\n");
}

}  // namespace violin
