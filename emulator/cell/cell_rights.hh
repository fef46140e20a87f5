#pragma once

#include <sys/types.h>

#include <functional>

#include "emulator/cell/cell_options.hh"
#include "emulator/cell/cell_root.hh"

namespace violin {

// Gives up everything that the guest's kernel has no use for, for good: the calling process becomes
// `user`, without capabilities or a way to get one (no_new_privs), with limits on processes, files
// and their size, and without the system calls that forbid_system_calls() names. Where there is
// another user than root, it is in a user namespace of its own, so that limits count for this cell
// alone; `have_users_mapped` is called in it, and returns when somebody outside has called
// map_users() on us. Throws std::system_error.
void give_up_rights(const CellOptions& options, const CellUser& user,
                    const std::function<void()>& have_users_mapped);

// In the new user namespace of a process, every user of ours is who he is here: files belong to
// whom they belong. The namespace must be root's, as whoever owns one has every right in it. Throws
// std::system_error.
void map_users(pid_t process);

// Of that, only the capabilities and ways to get them. Throws std::system_error.
void give_up_capabilities();

// System calls that a kernel in user space does not make, and that have been ways out of
// namespaces or into the machine's kernel: mounting, namespaces, other address families than Unix
// sockets, keys, BPF, performance events, io_uring, clocks, modules … are refused (EPERM; clone3 as
// unknown, because a filter cannot see its flags). Needs no_new_privs. What the guest's programs
// call is not affected: it never reaches the machine's kernel. Throws std::system_error.
void forbid_system_calls();

}  // namespace violin
