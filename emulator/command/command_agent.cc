#include <filesystem>
#include <iostream>

#include "emulator/agent/agent_server.hh"
#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

CommandSpec agent_spec() {
  CommandSpec spec;
  spec.purpose =
      "Serves one overlay host: makes its part of a run and runs it, as the coordinator\n"
      "(violin run --clock real) asks. `violin run` starts the agents of this machine itself.";
  spec.usage = "--socket PATH";
  spec.options.push_back(
      {"socket", "PATH", "the Unix socket to listen at; only your user can open it"});
  return spec;
}

}  // namespace

ExitStatus agent_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, agent_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  if (!arguments->has("socket")) {
    throw InputError({.file = "the command line"}, "agent needs --socket PATH");
  }
  const int status = run_agent(std::filesystem::path(*arguments->value("socket")));
  return status == 0 ? ExitStatus::kDone : ExitStatus::kNotCarriedOut;
}

}  // namespace violin
