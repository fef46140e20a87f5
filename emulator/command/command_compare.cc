#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "emulator/command/arguments.hh"
#include "emulator/results/clock_comparison.hh"
#include "emulator/results/comparison.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/scenario/input_error.hh"

// violin compare DIR…: means, intervals and paired differences; of runs under both clocks, the one
// against the other.

namespace violin {
namespace {

CommandSpec compare_spec() {
  CommandSpec spec;
  spec.purpose =
      "Puts runs into groups and prints, for each metric and group, the mean, its 95 % interval, "
      "n, and the difference to the baseline group over runs that are pairs (same seed, same other "
      "parameters). Runs of one scenario under both clocks are compared clock against clock, "
      "unless "
      "it says by what else.";
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
  for (const FoundRun& found : found_runs(folders)) {
    const std::string name = found.run.filename().string();
    runs.push_back({found.folder, {name, read_result(found.run, ReadDepth::kMetrics)}});
  }
  return runs;
}

// The three forms that a comparison is written in.
template <typename Comparison>
struct Forms {
  std::string (*table)(const Comparison&);
  std::string (*csv)(const Comparison&);
  std::string (*json)(const Comparison&);

  std::string write(const Comparison& what, const std::string& format) const {
    return format == "csv" ? csv(what) : format == "json" ? json(what) : table(what);
  }
};

std::string compared(const std::vector<ComparedRun>& runs, const ComparisonOptions& options,
                     const std::string& format) {
  if (!options.by && !options.baseline && differ_in_clock(runs)) {
    const Forms<ClockComparison> forms = {clock_comparison_table, clock_comparison_csv,
                                          clock_comparison_json};
    return forms.write(compare_clocks(runs, options.metrics), format);
  }
  const Forms<Comparison> forms = {comparison_table, comparison_csv, comparison_json};
  return forms.write(compare_runs(runs, options), format);
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
    std::cout << compared(read_runs(arguments->operands()), options, format);
  } catch (const std::invalid_argument& error) {
    throw InputError({.file = line.name}, error.what());
  }
  return ExitStatus::kDone;
}

}  // namespace violin
