#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "emulator/command/arguments.hh"
#include "emulator/command/calibration_scenario.hh"
#include "emulator/command/calibration_text.hh"
#include "emulator/command/command.hh"
#include "emulator/network/sweep_run.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/results/result_folder.hh"
#include "emulator/results/sweep_result.hh"
#include "emulator/scenario/calibration.hh"

// violin calibrate: measures what tunnels cost on this machine, for runs under the virtual clock.

namespace violin {
namespace {

namespace fs = std::filesystem;

CommandSpec calibrate_spec() {
  CommandSpec spec;
  spec.purpose =
      "Measures in real time what a tunnel costs its overlay hosts on this machine, with each "
      "cipher, and writes it to a file for violin run --calibration.";
  spec.usage = "[--out FILE] [--rounds N]";
  spec.options.push_back({"out", "FILE", "where the costs go (default calibration.yaml)"});
  spec.options.push_back(
      {"rounds", "N", "how often each cipher is measured, 1 to 1000 (default 10)"});
  spec.options.push_back({"runs", "DIR", "where the runs go (default runs/calibrate/NNN)"});
  spec.options.push_back({"force", "", "replace FILE and DIR"});
  spec.options.push_back({"quiet", "", "print errors only"});
  spec.notes =
      "It needs what the real clock needs (root), about 50 s a round, and a machine that has\n"
      "nothing else to do: what else runs becomes part of the cost. Six rounds or more give an\n"
      "interval.\n"
      "Exit status: 0 done, 2 the input is wrong, 3 a run could not be carried out.\n";
  return spec;
}

struct CalibrateRequest {
  fs::path out, folder;
  uint64_t rounds = 10;
  bool force = false, quiet = false;
};

CalibrateRequest read_request(const Arguments& arguments) {
  CalibrateRequest request;
  request.out = arguments.value("out").value_or("calibration.yaml");
  request.rounds = arguments.number("rounds", {1, 1000}).value_or(request.rounds);
  request.force = arguments.has("force");
  request.quiet = arguments.has("quiet");
  if (fs::exists(request.out) && !request.force) {
    throw std::runtime_error(request.out.string() + " is there; --force replaces it");
  }
  const auto folder = arguments.value("runs");
  request.folder = folder ? fs::path(*folder) : next_run_folder("runs", "calibrate");
  return request;
}

// Throws unless every point could be run.
void run_points(const std::vector<SweepPoint>& points, const SweepRunOptions& options) {
  const SweepRunOutcome outcome = run_sweep(points, options);
  if (outcome.interrupted) throw std::runtime_error("interrupted");
  if (!outcome.failed.empty()) {
    throw std::runtime_error("the run " + (options.folder / outcome.failed.front()).string());
  }
}

SweepResult measure(const CalibrateRequest& request) {
  ResultFolder(request.folder, request.force ? Existing::kReplace : Existing::kRefuse).commit();
  const fs::path scenario = request.folder / "sweep.yaml";
  write_file_atomically(scenario, std::string(calibration_scenario()));
  SweepRunOptions options;
  options.scenario_file = scenario;
  options.folder = request.folder;
  options.clock = "real";
  options.quiet = request.quiet;
  // What is missing on this machine shows in the first run, and need not be said for each.
  const std::vector<SweepPoint> points = calibration_points(request.rounds);
  run_points({points.front()}, options);
  run_points(points, options);
  SweepResult sweep = read_sweep(request.folder);
  write_sweep(sweep, request.folder);
  return sweep;
}

}  // namespace

ExitStatus calibrate_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, calibrate_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const CalibrateRequest request = read_request(*arguments);
  const InterruptGuard guard;
  const CalibrationOutcome outcome = calibration_outcome(measure(request));
  const std::string text = calibration_file_text(outcome);
  write_file_atomically(request.out, text);
  if (!request.quiet) {
    fmt::print("{}\n{}; the runs are in {}\n", calibration_table(outcome), request.out.string(),
               request.folder.string());
  }
  return ExitStatus::kDone;
}

}  // namespace violin
