#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "emulator/cell/cell_rights.hh"
#include "emulator/os/file_descriptor.hh"

#if defined(__x86_64__)
#define VIOLIN_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define VIOLIN_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

namespace violin {
namespace {

constexpr int kForbidden[] = {
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_swapon,
    SYS_swapoff,
    SYS_unshare,
    SYS_setns,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_reboot,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_vhangup,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_fanotify_init,
    SYS_process_vm_writev,
#if defined(__x86_64__)
    SYS_iopl,
    SYS_ioperm,
    SYS_kexec_file_load,
#endif
};
constexpr unsigned kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
// Numbers of the x32 ABI begin here (asm/unistd.h).
constexpr unsigned kX32 = 0x40000000;

// A classic BPF program over struct seccomp_data, line by line.
class Filter {
 public:
  void load(size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)); }
  void finish(unsigned action) { add(BPF_RET | BPF_K, action); }
  // The next line is passed over unless the loaded value is this, is at least this, has one of
  // these bits.
  void if_equal(unsigned value) { jump(BPF_JEQ, value, 0, 1); }
  void if_at_least(unsigned value) { jump(BPF_JGE, value, 0, 1); }
  void if_any_bit(unsigned bits) { jump(BPF_JSET, bits, 0, 1); }
  void unless_equal(unsigned value) { jump(BPF_JEQ, value, 1, 0); }
  // So many lines are passed over unless the value is this.
  void skip_unless_equal(unsigned value, unsigned char lines) { jump(BPF_JEQ, value, 0, lines); }

  void install() {
    const sock_fprog program = {.len = static_cast<unsigned short>(lines_.size()),
                                .filter = lines_.data()};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
      throw_system_error("cannot forbid system calls");
    }
  }

 private:
  void add(unsigned short code, unsigned value) { lines_.push_back({code, 0, 0, value}); }
  void jump(unsigned short test, unsigned value, unsigned char yes, unsigned char no) {
    lines_.push_back({static_cast<unsigned short>(BPF_JMP | test | BPF_K), yes, no, value});
  }

  std::vector<sock_filter> lines_;
};

constexpr unsigned refuse(int error) { return SECCOMP_RET_ERRNO | static_cast<unsigned>(error); }

}  // namespace

void forbid_system_calls() {
  // The low half of an argument: all that are looked at fit into it.
  constexpr size_t kFirst = offsetof(seccomp_data, args);
  Filter filter;
  filter.load(offsetof(seccomp_data, arch));
  filter.unless_equal(VIOLIN_AUDIT_ARCH);
  filter.finish(SECCOMP_RET_KILL_PROCESS);
  filter.load(offsetof(seccomp_data, nr));
  filter.if_at_least(kX32);
  filter.finish(refuse(ENOSYS));
  for (const int number : kForbidden) {
    filter.if_equal(static_cast<unsigned>(number));
    filter.finish(refuse(EPERM));
  }
  filter.if_equal(SYS_clone3);
  filter.finish(refuse(ENOSYS));
  filter.skip_unless_equal(SYS_clone, 4);
  filter.load(kFirst);
  filter.if_any_bit(kNewNamespaces);
  filter.finish(refuse(EPERM));
  filter.finish(SECCOMP_RET_ALLOW);
  filter.skip_unless_equal(SYS_socket, 3);
  filter.load(kFirst);
  filter.unless_equal(AF_UNIX);
  filter.finish(refuse(EAFNOSUPPORT));
  filter.finish(SECCOMP_RET_ALLOW);
  filter.install();
}

}  // namespace violin
