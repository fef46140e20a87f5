#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/resolved_view.hh"
#include "emulator/command/scenario_check.hh"

// violin check FILE: everything that can be said of a scenario without running it.

namespace violin {
namespace {

CommandSpec check_spec() {
  CommandSpec spec;
  spec.purpose =
      "Reads a scenario as run would, with every point of its sweep, and prints what it stands "
      "for: nodes, addresses, links, routes, the way of every workload, defaults used, warnings, "
      "and what each clock says to it. Runs nothing and writes nothing.";
  spec.usage = "FILE [--all] [--set NAME=VALUE]… [--seed N] [--quiet]";
  spec.operands = {{"FILE", 1, 1}};
  spec.options = {{.name = "all", .explanation = "every row of long tables, every route"},
                  {.name = "quiet", .explanation = "print errors only"}};
  for (OptionSpec& option : scenario_options()) spec.options.push_back(std::move(option));
  return spec;
}

}  // namespace

ExitStatus check_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, check_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const std::string& file = arguments->operands()[0];
  const CheckedScenario checked =
      check_scenario(load_scenario_source(file), read_overrides(*arguments));
  if (arguments->has("quiet")) return ExitStatus::kDone;
  const NetworkPlan plan(checked.scenario);
  std::cout << resolved_view(checked, plan, file, {.all = arguments->has("all")});
  return ExitStatus::kDone;
}

}  // namespace violin
