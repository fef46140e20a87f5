#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "emulator/command/arguments.hh"
#include "emulator/results/comparison.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/scenario/input_error.hh"

// violin compare DIR…: means, intervals and paired differences.

namespace violin {
namespace {

CommandSpec compare_spec() {
  CommandSpec spec;
  spec.purpose =
      "Puts runs into groups and prints, for each metric and group, the mean, its 95 % interval, "
      "n, and the difference to the baseline group over runs that are pairs (same seed, same other "
      "parameters).";
  spec.usage = "DIR… [--by PARAM] [--metric PATTERN]… [--baseline VALUE] [--format FORMAT]";
  spec.operands = {{"DIR", 1, SIZE_MAX}};
  spec.options = {
      {.name = "by",
       .value = "PARAM",
       .explanation = "the parameter whose values make the groups (default: all that was swept)"},
      {.name = "metric",
       .value = "PATTERN",
       .explanation = "these metrics, as vm.goodput or '*.rtt.p99'; may stand several times",
       .repeatable = true},
      {.name = "baseline",
       .value = "VALUE",
       .explanation = "the group that others are compared with (default: the first)"},
      {.name = "format", .value = "FORMAT", .explanation = "table (default), csv or json"}};
  return spec;
}

std::vector<ComparedRun> read_runs(const std::vector<std::string>& folders) {
  std::vector<ComparedRun> runs;
  for (const std::string& folder : folders) {
    for (const std::filesystem::path& run : run_folders(folder)) {
      const std::string name = run.filename().string();
      runs.push_back({folder, {name, read_result(run, ReadDepth::kMetrics)}});
    }
  }
  return runs;
}

}  // namespace

ExitStatus compare_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, compare_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const std::string format = arguments->word("format", {"table", "csv", "json"}).value_or("table");
  ComparisonOptions options;
  options.by = arguments->value("by");
  options.metrics = arguments->values("metric");
  options.baseline = arguments->value("baseline");
  try {
    const Comparison comparison = compare_runs(read_runs(arguments->operands()), options);
    std::cout << (format == "csv"    ? comparison_csv(comparison)
                  : format == "json" ? comparison_json(comparison)
                                     : comparison_table(comparison));
  } catch (const std::invalid_argument& error) {
    throw InputError({.file = line.name}, error.what());
  }
  return ExitStatus::kDone;
}

}  // namespace violin
