#pragma once

#include <sys/wait.h>

namespace violin {

// What waitpid(2) tells of a process that ended, as a shell shows it: the exit status, or 128 + the
// signal that ended it.
inline int exit_status(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace violin
