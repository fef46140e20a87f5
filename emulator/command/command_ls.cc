#include <fmt/chrono.h>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/deployment/run_registry.hh"
#include "emulator/results/run_record.hh"

namespace violin {
namespace {

CommandSpec ls_spec() {
  CommandSpec spec;
  spec.purpose =
      "Lists your live runs under the real clock (root: everybody's), and what killed runs left\n"
      "behind among results.";
  spec.usage = "[--runs DIR]";
  spec.options.push_back({"runs", "DIR", "where results are (default runs)"});
  return spec;
}

std::string since(int64_t began) {
  const auto when = static_cast<std::time_t>(began);
  std::tm local{};
  ::localtime_r(&when, &local);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local);
}

std::string ends_in(const LiveRun& run) {
  if (!run.seconds_left) return word_of(run.phase);
  return fmt::format("{:.0f} s", std::ceil(*run.seconds_left));
}

void add(const LiveRun& run, TextTable& table) {
  size_t real = 0;
  for (const LiveNode& node : run.nodes) real += node.real ? 1 : 0;
  table.add({run.id, run.scenario, since(run.began), ends_in(run), std::to_string(run.agents),
             fmt::format("{} + {} models", real, run.nodes.size() - real), run.file, run.folder});
}

}  // namespace

ExitStatus ls_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, ls_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  TextTable table({"run", "scenario", "since", "ends in", "agents", "nodes", "file", "results"});
  const uid_t self = ::geteuid();
  const std::vector<uid_t> users = self == 0 ? users_with_runs() : std::vector<uid_t>{self};
  for (const uid_t user : users) {
    for (const LiveRun& run : live_runs_of(user)) add(run, table);
  }
  fmt::print("{}", table.empty() ? "Nothing runs under the real clock.\n" : table.text(0));
  const auto left = folders_left_behind(arguments->value("runs").value_or("runs"));
  if (left.empty()) return ExitStatus::kDone;
  fmt::print("\nLeft behind by runs that were killed; violin clean removes it:\n");
  for (const std::filesystem::path& folder : left) fmt::print("  {}\n", folder.string());
  return ExitStatus::kDone;
}

}  // namespace violin
