#pragma once

#include <string>
#include <vector>

namespace violin {

// Exit statuses of `violin`.
enum class ExitStatus {
  kDone = 0,  // and every expectation held
  kExpectationFailed = 1,
  kInputWrong = 2,     // scenario, arguments, result folders
  kNotCarriedOut = 3,  // could not be run, or was interrupted
};

// What a command was called with.
struct CommandLine {
  std::string program;                 // argv[0]
  std::string name;                    // run, check …
  std::vector<std::string> arguments;  // behind the name

  // All of it, for the record of a run.
  std::vector<std::string> whole() const {
    std::vector<std::string> words{program, name};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
  }
};

// One file each: command_run.cc and so on. They throw InputError (or any std::exception for the
// environment), which main() turns into a message and a status.
ExitStatus run_command(const CommandLine& line);
ExitStatus check_command(const CommandLine& line);
ExitStatus draw_command(const CommandLine& line);
ExitStatus metrics_command(const CommandLine& line);
ExitStatus routes_command(const CommandLine& line);
ExitStatus verify_command(const CommandLine& line);
ExitStatus compare_command(const CommandLine& line);
ExitStatus explain_command(const CommandLine& line);
ExitStatus report_command(const CommandLine& line);
ExitStatus new_command(const CommandLine& line);
ExitStatus agent_command(const CommandLine& line);
ExitStatus traffic_command(const CommandLine& line);
ExitStatus ls_command(const CommandLine& line);
ExitStatus exec_command(const CommandLine& line);
ExitStatus shell_command(const CommandLine& line);
ExitStatus console_command(const CommandLine& line);
ExitStatus calibrate_command(const CommandLine& line);
ExitStatus clean_command(const CommandLine& line);
ExitStatus kernel_command(const CommandLine& line);

}  // namespace violin
