#include <fmt/core.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>

#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/command/run_choice.hh"
#include "emulator/deployment/run_registry.hh"
#include "emulator/results/run_record.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

CommandSpec clean_spec() {
  CommandSpec spec;
  spec.purpose =
      "Removes the unfinished results of runs that were killed; with RUN, ends that live run.";
  spec.usage = "[RUN] [--runs DIR]";
  spec.options.push_back({"runs", "DIR", "where results are (default runs)"});
  spec.operands = {{"RUN", 0, 1}};
  spec.notes =
      "Only a folder whose own record proves that a run of yours made it, and that this run is\n"
      "over, is removed. Of processes and interfaces there is nothing to clean: the kernel ends\n"
      "them with their run.\n";
  return spec;
}

ExitStatus end_live_run(const std::string& name) {
  const std::vector<LiveRun> runs = live_runs_of(::geteuid());
  const LiveRun& run = choose_run(runs, name);
  if (end_run(::geteuid(), run.id) == RunEnding::kStillEnding) {
    throw std::runtime_error(run.id + " was asked to end, and has not yet");
  }
  fmt::print("{} has ended\n", run.id);
  return ExitStatus::kDone;
}

}  // namespace

ExitStatus clean_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, clean_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  if (!arguments->operands().empty()) return end_live_run(arguments->operands().front());
  const auto left = folders_left_behind(arguments->value("runs").value_or("runs"));
  for (const fs::path& folder : left) {
    fs::remove_all(folder);
    fmt::print("removed {}\n", folder.string());
  }
  if (left.empty()) fmt::print("Nothing was left behind.\n");
  return ExitStatus::kDone;
}

}  // namespace violin
