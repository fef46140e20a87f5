#pragma once

#include <sys/types.h>

#include <functional>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/sandbox.hh"

namespace violin {

// What the owner knows before PID 1 exists: who it is outside of the user namespace.
struct SandboxOwner {
  uid_t uid = 0;
  gid_t gid = 0;
  bool user_namespace = false;  // PID 1 is in one of its own
};

// The messages between owner and PID 1.
struct SandboxMessage {
  int error = 0;          // 0 = what was to be done is done
  char action[200] = {};  // what failed, ends with a zero byte
};

// The life of a sandbox's PID 1, from its first instruction on. Says over `owner` that it asked to
// die with the owner, waits for the answer, makes the namespaces its own, says so (or what failed)
// and runs body in a child. Ends with body's status; never returns.
[[noreturn]] void run_sandbox_init(FileDescriptor owner, const SandboxOwner& identity,
                                   const Sandbox::Options& options,
                                   const std::function<int()>& body);

}  // namespace violin
