#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/command/remote_program.hh"
#include "emulator/command/run_choice.hh"
#include "emulator/deployment/run_registry.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

const char* const kWhoSees =
    "RUN is an id that violin ls shows, or the name of a scenario; it may be left out while only\n"
    "one run of yours is live. NODE may be short (h1 for v/h1) where that is unambiguous.\n";

OptionSpec root_option() { return {"root", "", "as root of the node, instead of as nobody"}; }

CommandSpec exec_spec() {
  CommandSpec spec;
  spec.purpose =
      "Runs a program in a node of a live run, with this terminal or pipe as its input and output.";
  spec.usage = "[RUN] NODE [--root] -- PROGRAM [ARGUMENT]…";
  spec.options.push_back(root_option());
  spec.operands = {{"NODE", 1, 2}};
  spec.notes =
      std::string(kWhoSees) +
      "Ctrl-C goes to the program; the third kills it. Exit status: the program's, or 128\n"
      "and the signal that ended it; 2 and 3 also when it could not be run.\n";
  return spec;
}

CommandSpec shell_spec() {
  CommandSpec spec;
  spec.purpose = "Opens a login shell in a node of a live run.";
  spec.usage = "[RUN] [NODE] [--root]";
  spec.options.push_back(root_option());
  spec.operands = {{"NODE", 0, 2}};
  spec.notes = std::string(kWhoSees) +
               "NODE may be left out where the run has only one in which programs can run.\n";
  return spec;
}

CommandSpec console_spec() {
  CommandSpec spec;
  spec.purpose = "Shows what the kernel of a node of a live run has printed since it booted.";
  spec.usage = "[RUN] [NODE] [--follow]";
  spec.options.push_back({"follow", "", "go on until it ends, or Ctrl-C"});
  spec.operands = {{"NODE", 0, 2}};
  spec.notes = std::string(kWhoSees) +
               "Of nodes with a kernel of their own (backend: uml). Nothing can be typed into it:\n"
               "violin shell does that.\n";
  return spec;
}

// Runs are those of this user: to enter another's would be to trust what that one says.
ExitStatus run_in_node(const Arguments& arguments, ExecutionSpec spec) {
  const std::vector<LiveRun> runs = live_runs_of(::geteuid());
  const RunAndNode chosen = choose(runs, arguments.operands());
  spec.node = chosen.node.name;
  // Any number that a program ends with, not only ours.
  return static_cast<ExitStatus>(run_remote_program(chosen.node, std::move(spec)));
}

}  // namespace

ExitStatus exec_command(const CommandLine& line) {
  CommandLine ours = line;
  const auto border = std::find(line.arguments.begin(), line.arguments.end(), "--");
  ours.arguments.assign(line.arguments.begin(), border);
  const std::optional<Arguments> arguments = parse_arguments(ours, exec_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  ExecutionSpec spec;
  if (border != line.arguments.end()) spec.command.assign(border + 1, line.arguments.end());
  if (spec.command.empty()) {
    throw InputError({.file = line.name}, "the program is missing: it stands behind --");
  }
  spec.as_root = arguments->has("root");
  return run_in_node(*arguments, std::move(spec));
}

ExitStatus shell_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, shell_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  if (::isatty(STDIN_FILENO) == 0) {
    throw InputError({.file = line.name}, "a shell needs a terminal; violin exec does without");
  }
  ExecutionSpec spec;
  // bash where there is one, for its line editing.
  spec.command = {"sh", "-c", "command -v bash >/dev/null && exec bash -l; exec sh -l"};
  spec.terminal = TerminalSize();
  spec.as_root = arguments->has("root");
  return run_in_node(*arguments, std::move(spec));
}

ExitStatus console_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, console_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  ExecutionSpec spec;
  spec.command = {"its console"};
  spec.console =
      arguments->has("follow") ? ExecutionSpec::Console::kFollowed : ExecutionSpec::Console::kSoFar;
  return run_in_node(*arguments, std::move(spec));
}

}  // namespace violin
