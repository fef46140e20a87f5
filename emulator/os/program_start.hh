#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "emulator/os/guest_exec.hh"

namespace violin {

// What became of an attempt to start a program.
struct ProgramStart {
  pid_t pid = -1;        // -1 = it could not be started
  int error = 0;         // why not
  std::string why;       // what could not be done: "execute the program"
  bool missing = false;  // there is no such program
};

// Starts a program, found in /usr/local/sbin, …, /bin, without a shell; its environment is PATH,
// HOME, LANG, TERM and `environment` ("NAME=value"). Of `what`, the words, the report and the
// parent are filled in; a stream of -1 is /dev/null. Returns when the program runs, or will not.
// May be called in a process with several threads. Throws std::system_error.
ProgramStart start_program(GuestExec what, const std::vector<std::string>& argv,
                           const std::vector<std::string>& environment);

}  // namespace violin
