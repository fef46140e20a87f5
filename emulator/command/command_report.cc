#include <filesystem>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/graph/topology_picture.hh"
#include "emulator/results/report.hh"
#include "emulator/results/result_folder.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/results/sweep_result.hh"
#include "emulator/scenario/scenario_reader.hh"

// violin report DIR…: report.html again, from the results that are there.

namespace violin {
namespace {

namespace fs = std::filesystem;

CommandSpec report_spec() {
  CommandSpec spec;
  spec.purpose =
      "Builds report.html from the results in each DIR, a run or a sweep, and puts it there. "
      "Nothing is run.";
  spec.usage = "DIR… [--quiet]";
  spec.operands = {{"DIR", 1, SIZE_MAX}};
  spec.options = {{.name = "quiet", .explanation = "do not say what was written"}};
  return spec;
}

// The drawing is made of the scenario that the run left; results that came without are reported
// without.
ReportOptions options_for(const fs::path& run) {
  const fs::path scenario = run / "scenario.yaml";
  if (!fs::exists(scenario)) return {};
  return {.topology_svg = topology_svg(read_scenario(load_scenario_source(scenario), {}))};
}

void report_run(const fs::path& folder) {
  write_file_atomically(folder / "report.html",
                        report_text(read_result(folder), options_for(folder)));
}

void report_sweep(const fs::path& folder, const std::vector<fs::path>& runs) {
  for (const fs::path& run : runs) report_run(run);
  const SweepResult sweep = read_sweep(folder);
  const std::string name =
      sweep.runs.empty() ? folder.filename().string() : sweep.runs.front().result.identity.scenario;
  write_file_atomically(folder / "report.html",
                        sweep_report_text(sweep, name, options_for(runs.front())));
}

}  // namespace

ExitStatus report_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, report_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  for (const std::string& name : arguments->operands()) {
    const fs::path folder = name;
    const std::vector<fs::path> runs = run_folders(folder);
    if (fs::exists(folder / "summary.json")) {
      report_run(folder);
    } else {
      report_sweep(folder, runs);
    }
    if (!arguments->has("quiet")) {
      std::cout << "wrote " << (folder / "report.html").string() << '\n';
    }
  }
  return ExitStatus::kDone;
}

}  // namespace violin
