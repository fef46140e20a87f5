#pragma once

#include <string>
#include <vector>

namespace violin {

struct FilterOutput {
  int status = 0;  // exit status, or 128 + the signal that ended it
  std::string output;
  std::string errors;
};

// Runs a program that reads its standard input and writes its standard output, like gnuplot or dot:
// argv[0] is found in PATH, no shell is involved, it inherits nothing but the three descriptors.
// Throws ProgramMissing (child_process.hh), or std::system_error for what else the system refuses.
FilterOutput run_filter(const std::vector<std::string>& argv, const std::string& input);

}  // namespace violin
