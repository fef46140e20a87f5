#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "emulator/command/command.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/results/build_info.hh"
#include "emulator/scenario/input_error.hh"

// The program `violin`: finds the command, runs it, and turns what it throws into a message and a
// status. The only place that catches errors for good.

namespace violin {
namespace {

struct Command {
  const char* name;
  const char* operands;
  const char* purpose;
  ExitStatus (*run)(const CommandLine&);
};

constexpr auto kCommands = std::to_array<Command>({
    {"run", "FILE", "run a scenario, or every point of its sweep, and write the results",
     run_command},
    {"check", "FILE", "read a scenario and show everything it stands for, running nothing",
     check_command},
    {"draw", "FILE", "draw a scenario's topology: DOT, SVG or PNG", draw_command},
    {"metrics", "FILE", "list every metric that expectations of a scenario may use",
     metrics_command},
    {"routes", "FILE|DIR [NODE]…", "tables of routes, as planned or as a run has found them",
     routes_command},
    {"verify", "DIR DIR", "are two runs the same to the last bit; if not, where do they part?",
     verify_command},
    {"compare", "DIR…", "means, intervals and paired differences of runs and sweeps",
     compare_command},
    {"explain", "DIR [N]", "why an expectation failed, and where to look", explain_command},
    {"report", "DIR…", "build report.html of runs and sweeps again", report_command},
    {"new", "KIND", "print a commented scenario to start from: star, line, tree, dumbbell …",
     new_command},
    {"ls", "", "list live runs, and what killed ones left behind", ls_command},
    {"exec", "[RUN] NODE -- PROGRAM …", "run a program in a node of a live run", exec_command},
    {"shell", "[RUN] [NODE]", "open a shell in a node of a live run", shell_command},
    {"console", "[RUN] [NODE]", "what the kernel of a node of a live run prints", console_command},
    {"clean", "[RUN]", "remove what killed runs left behind, or end a live run", clean_command},
    {"calibrate", "", "measure what tunnels cost on this machine, for runs in virtual time",
     calibrate_command},
    {"kernel", "build|path|list", "build the kernel of real hosts, or say where it is",
     kernel_command},
    {"agent", "", "serve one overlay host of a run under the real clock", agent_command},
    {"traffic", "", "send to or receive from a model node; run starts it in real nodes",
     traffic_command},
});

std::string usage() {
  std::string text =
      "violin runs virtual internets described by a scenario file.\n\n"
      "usage: violin COMMAND …    violin COMMAND --help    violin --version\n\n";
  TextTable table({});
  for (const Command& command : kCommands) {
    table.add({std::string(command.name) + " " + command.operands, command.purpose});
  }
  text += table.text(2);
  text +=
      "\nA first run:  violin new star > star.yaml  &&  violin run star.yaml\n"
      "Exit status:  0 done, 1 an expectation failed, 2 the input is wrong, 3 not carried out\n";
  return text;
}

const Command* find_command(const std::string& name) {
  for (const Command& command : kCommands) {
    if (name == command.name) return &command;
  }
  return nullptr;
}

std::string version_text() {
  const std::string commit = program_commit();
  return "violin " + program_version() + (commit.empty() ? "" : " (" + commit + ")") + "\n";
}

// `violin help check` is `violin check --help`.
void turn_help_around(std::vector<std::string>& words) {
  if (words.size() < 2 || words[0] != "help") return;
  words = {words[1], "--help"};
}

ExitStatus dispatch(const std::string& program, std::vector<std::string> words) {
  turn_help_around(words);
  if (words.empty()) {
    std::cerr << usage();
    return ExitStatus::kInputWrong;
  }
  if (words[0] == "-h" || words[0] == "--help" || words[0] == "help") {
    std::cout << usage();
    return ExitStatus::kDone;
  }
  if (words[0] == "--version") {
    std::cout << version_text();
    return ExitStatus::kDone;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) {
    std::vector<std::string> names;
    for (const Command& known : kCommands) names.emplace_back(known.name);
    const bool is_option = words[0].starts_with("-");
    refuse_word(
        {.file = "the command line"},
        is_option ? "options stand behind the command, which is missing here" : "no such command",
        words[0], names);
  }
  const CommandLine line{program, words[0], {words.begin() + 1, words.end()}};
  try {
    return command->run(line);
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& error) {
    throw std::runtime_error(line.name + " could not be carried out: " + error.what());
  }
}

// Whether everything that was printed has arrived. A reader that has seen enough (| head) is no
// failure.
bool output_arrived() {
  std::cout.flush();
  if (std::cout.good()) return true;
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

int run_program(const std::string& program, std::vector<std::string> words) {
  ExitStatus status = ExitStatus::kNotCarriedOut;
  try {
    status = dispatch(program, std::move(words));
  } catch (const InputError& error) {
    std::cerr << "violin: " << error.what() << '\n';
    status = ExitStatus::kInputWrong;
  } catch (const std::exception& error) {
    std::cerr << "violin: " << error.what() << '\n';
  }
  if (!output_arrived() && status == ExitStatus::kDone) {
    std::cerr << "violin: standard output could not be written\n";
    status = ExitStatus::kNotCarriedOut;
  }
  return static_cast<int>(status);
}

}  // namespace
}  // namespace violin

int main(int argc, char** argv) {
  // Writing to a pipe that was closed is an error of that write, not the end of a run.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  return violin::run_program(
      argc > 0 ? argv[0] : "violin",
      argc > 0 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>());
}
