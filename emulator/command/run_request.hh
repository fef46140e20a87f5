#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emulator/command/arguments.hh"
#include "emulator/deployment/hosts_file.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario_source.hh"

namespace violin {

// What `violin run` is asked for.
struct RunRequest {
  ScenarioSource source;
  std::filesystem::path file;
  Overrides overrides;
  std::vector<std::string> command;  // argv
  std::optional<std::filesystem::path> out;
  ClockKind clock = ClockKind::kVirtual;
  std::optional<std::filesystem::path> hosts_file;
  std::optional<HostsFile> hosts;  // what is in it
  unsigned jobs = 1;
  // Parts of a network of kernels, under the virtual clock; none = whichever is faster.
  std::optional<unsigned> parallel;
  bool single = false, record = false, force = false, quiet = false, hold = false;
};

CommandSpec run_spec();

// Reads the files, too. Throws InputError for what is wrong with them, and for options that do not
// go together.
RunRequest read_run_request(const CommandLine& line, const Arguments& arguments);

}  // namespace violin
