#pragma once

#include <sys/types.h>

namespace violin {

// What a child does between fork and exec, for programs run inside a guest. The parent may have
// other threads, any of which may hold any lock: so everything is prepared before, and the child
// only makes system calls (signal-safety(7)).

// The steps, in their order; which one failed is all that a child can tell.
enum class GuestExecStep {
  kGroup,
  kNamespaces,
  kStreams,
  kTerminal,
  kRights,
  kOwner,
  kProgram,
};

// As "cannot " and this: "enter the guest".
const char* description(GuestExecStep step);

struct GuestExecFailure {
  GuestExecStep step;
  int error;
};

// Who the program is.
enum class GuestUser {
  kRoot,      // what the parent is
  kNobody,    // uid and gid 65534
  kBareRoot,  // uid and gid 0 without a capability: where there is no other user
};

struct GuestExec {
  int mounts, network, uts;  // descriptors of the guest's namespaces; mounts -1 = the parent's own
  int input, output, error;  // what becomes 0, 1 and 2
  bool terminal;             // they are one, and it is to control the program
  GuestUser user;
  pid_t parent;
  int report;                   // where a GuestExecFailure is written to, closed by the exec
  const char* const* programs;  // paths to try in turn, then null
  char* const* argv;
  char* const* environment;
};

// Called in the child with all signals blocked. Either the program runs with none blocked or
// ignored, or the failure was written; never returns.
[[noreturn]] void guest_exec(const GuestExec& what) noexcept;

}  // namespace violin
