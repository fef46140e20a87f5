#pragma once

#include <sys/types.h>

#include <string>

#include "emulator/guest_init/guest_order.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// What became of an attempt to start a job.
struct JobStart {
  pid_t pid = -1;   // of the process, in a session of its own; -1 = it could not be started
  int error = 0;    // why not: ENOENT = there is no such program
  std::string why;  // what was tried
};

// Starts a program found in the usual folders, without a shell; it reads nothing and writes into
// the two files of its number in the folder of results. Returns when it runs, or will not.
JobStart start_job(const GuestOrder::Job& job, size_t number, const FileDescriptor& results);

}  // namespace violin
