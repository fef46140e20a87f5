#include <filesystem>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/results/explanation.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/results/sweep_result.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/yaml_map.hh"

// violin explain DIR [N]: why an expectation failed.

namespace violin {
namespace {

namespace fs = std::filesystem;

CommandSpec explain_spec() {
  CommandSpec spec;
  spec.purpose =
      "Says of every expectation that failed, or of expectation number N whether it failed or not: "
      "what was wanted and measured, the window, where frames were dropped and why, the event "
      "before it, the capture to look at.";
  spec.usage = "DIR [N]";
  spec.operands = {{"DIR", 1, 1}, {"N", 0, 1}};
  spec.notes = "  Of a sweep, every point is explained; N needs the folder of one point.\n";
  return spec;
}

// The expectation that `text` numbers, from 1.
const ExpectationOutcome& chosen(const RunResult& result, const std::string& text) {
  const size_t count = result.expectations.size();
  const Place place{.file = "explain: N"};
  if (count == 0) throw InputError(place, "this run has no expectations");
  const std::optional<uint64_t> number = parse_unsigned(text);
  if (!number || *number < 1 || *number > count) {
    refuse(place, "no such expectation", text, "1 to " + std::to_string(count));
  }
  return result.expectations[*number - 1];
}

void explain_run(const fs::path& folder, const std::optional<std::string>& number) {
  const RunResult result = read_result(folder);
  const ExplanationOptions options{.folder = folder};
  std::cout << (number ? explain(result, chosen(result, *number), options)
                       : explain_failures(result, options));
}

// An expectation about the sweep has no frames of its own to point at.
std::string explain_sweep_expectation(const ExpectationOutcome& outcome) {
  std::string text = "FAILED over the whole sweep: " + outcome.check + "\n";
  if (!outcome.fail.empty()) text += wrapped("  ", outcome.fail);
  text += "  wanted " + outcome.wanted + ", measured " +
          (outcome.measured.empty() ? "nothing (" + outcome.reason + ")" : outcome.measured);
  return text + (outcome.margin.empty() ? "" : ", margin " + outcome.margin) + "\n\n";
}

void explain_sweep(const fs::path& folder) {
  const SweepResult sweep = read_sweep(folder);
  const std::vector<std::string> params = swept_params(sweep.runs);
  bool any_failed = false;
  for (const ExpectationOutcome& outcome : sweep.expectations) {
    if (outcome.met) continue;
    any_failed = true;
    std::cout << explain_sweep_expectation(outcome);
  }
  for (const SweepRun& run : sweep.runs) {
    if (expectations_met(run.result)) continue;
    any_failed = true;
    const std::string combination = combination_of(run.result, params);
    std::cout << "==== " << run.run << (combination.empty() ? "" : ": " + combination) << ", seed "
              << run.result.identity.seed << "\n"
              << explain_failures(run.result, {.folder = folder / run.run}) << "\n";
  }
  if (!any_failed) std::cout << "every expectation holds\n";
}

}  // namespace

ExitStatus explain_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, explain_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const std::vector<std::string>& operands = arguments->operands();
  const fs::path folder = operands[0];
  std::optional<std::string> number;
  if (operands.size() > 1) number = operands[1];
  // Throws when it holds no results at all.
  const std::vector<fs::path> runs = run_folders(folder);
  if (fs::exists(folder / "summary.json")) {
    explain_run(folder, number);
  } else if (number) {
    throw InputError({.file = "explain: N"}, "this is a sweep; name one of its points, as " +
                                                 runs.front().string() + " " + *number);
  } else {
    explain_sweep(folder);
  }
  return ExitStatus::kDone;
}

}  // namespace violin
