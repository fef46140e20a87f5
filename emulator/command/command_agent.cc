#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "emulator/agent/agent_server.hh"
#include "emulator/agent/agent_supervisor.hh"
#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

CommandSpec agent_spec() {
  CommandSpec spec;
  spec.purpose =
      "Serves one overlay host: makes its part of a run and runs it, as the coordinator\n"
      "(violin run --clock real) asks. `violin run` starts the agents of this machine itself;\n"
      "those that a hosts file names are started by hand, on each host one, by root.";
  spec.usage = "--socket PATH";
  spec.options.push_back(
      {"socket", "PATH", "the Unix socket to listen at; only your user can open it"});
  spec.options.push_back(
      {"spin", "", "never sleep: a processor for round trips that are some microseconds shorter"});
  spec.options.push_back(
      {"without", "TECHNIQUE",
       "switch a technique of the data plane off, to see what it is worth: linger, "
       "super-frames, gather, segment or join; may stand several times"});
  spec.options.back().repeatable = true;
  spec.options.push_back(
      {"bare", "", "no sandbox for each run: within one already, as `violin run` starts it"});
  spec.notes =
      "It serves one run after the other, until SIGTERM or Ctrl-C. Everything of a run is in a\n"
      "sandbox that goes when the run has ended or its coordinator is lost. Tunnels come in at "
      "UDP\n"
      "ports 52004 and 52005. The coordinator reaches the socket of another machine through ssh:\n"
      "  ssh -N -L /tmp/mit.sock:/run/violin.sock root@mit\n";
  return spec;
}

DataPlane data_plane_of(const Arguments& arguments) {
  DataPlane data_plane;
  data_plane.spin = arguments.has("spin");
  for (const std::string& technique : arguments.values("without")) {
    if (data_plane.switch_off(technique)) continue;
    throw InputError({.file = "the command line"},
                     "--without " + technique + ": no such technique; allowed: " +
                         fmt::format("{}", fmt::join(DataPlane::names(), ", ")));
  }
  return data_plane;
}

}  // namespace

ExitStatus agent_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, agent_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  if (!arguments->has("socket")) {
    throw InputError({.file = "the command line"}, "agent needs --socket PATH");
  }
  const std::filesystem::path socket = *arguments->value("socket");
  const DataPlane data_plane = data_plane_of(*arguments);
  const int status =
      arguments->has("bare") ? run_agent(socket, data_plane) : supervise_agent(socket, data_plane);
  return status == 0 ? ExitStatus::kDone : ExitStatus::kNotCarriedOut;
}

}  // namespace violin
