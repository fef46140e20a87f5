#include <fmt/core.h>

#include <fstream>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/clock_requirements.hh"
#include "emulator/command/command.hh"
#include "emulator/command/run_request.hh"
#include "emulator/command/run_summary.hh"
#include "emulator/command/scenario_check.hh"
#include "emulator/command/sweep_summary.hh"
#include "emulator/deployment/real_run.hh"
#include "emulator/graph/topology_picture.hh"
#include "emulator/kernel/kernel_store.hh"
#include "emulator/network/network_cut.hh"
#include "emulator/network/run.hh"
#include "emulator/network/sweep_run.hh"
#include "emulator/os/idle_processors.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/os/own_program.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/report.hh"
#include "emulator/results/result_folder.hh"
#include "emulator/results/result_writer.hh"
#include "emulator/results/sweep_result.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/node_backend.hh"
#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_writer.hh"
#include "emulator/timetravel/uml_machines.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

const char* name_of(ClockKind clock) { return clock == ClockKind::kReal ? "real" : "virtual"; }

// What needs a real backend is not run as a model in its place.
void refuse_other_clocks(const Scenario& scenario, ClockKind clock) {
  const bool real = clock == ClockKind::kReal;
  const std::vector<std::string> reasons =
      real ? real_clock_refusals(scenario) : virtual_clock_refusals(scenario);
  if (reasons.empty()) return;
  throw std::runtime_error(std::string("this cannot run under the ") + name_of(clock) +
                           " clock: " + reasons.front());
}

Scenario read_and_check(const RunRequest& request, const std::optional<SweepPoint>& point,
                        const SweepValues& sweep) {
  Scenario scenario = read_scenario(request.source, {request.overrides, point});
  check_expectations(scenario, MetricCatalogue(scenario), sweep);
  refuse_other_clocks(scenario, request.clock);
  if (request.hosts) check_hosts(*request.hosts, scenario);
  return scenario;
}

void write_scenario_file(const Scenario& scenario, const fs::path& folder) {
  std::ofstream out(folder / "scenario.yaml");
  write_scenario(scenario, out);
  out.close();
  if (!out) throw std::runtime_error("cannot write " + (folder / "scenario.yaml").string());
}

// Some real node, to show how it is done: of a violin, if there is one.
std::string example_node(const Scenario& scenario) {
  std::string example = "NODE";
  for (const NodeSpec& node : scenario.nodes) {
    if (backend_under(ClockKind::kReal, node) == Backend::kModel) continue;
    example = node.full_name();
    if (node.plane != kUnderlayPlane) break;
  }
  return example;
}

void hold(RealRun& run, const Scenario& scenario, bool quiet) {
  if (!quiet) {
    const std::string where = run.id() + " " + example_node(scenario);
    fmt::print(
        "\nThe network stays up. Look around in it from another terminal:\n"
        "  violin shell {0}\n  violin exec {0} -- ip address\n"
        "Ctrl-C here, or violin clean {1}, ends it.\n",
        where, run.id());
    std::fflush(stdout);
  }
  run.hold();
}

// Who asked for parts that run in parallel, and gets one, is told why.
void note_one_part(std::optional<unsigned> parallel, const char* why) {
  if (parallel > 1u)
    fmt::print(stderr, "violin: --parallel {}: all runs in one part: {}\n", *parallel, why);
}

// The results are the same in any case. Parts meet once per lookahead, and wait for each other
// where a processor is somebody else's: then they are slower (bench/parallel_kernels).
NetworkCut faster_cut(const NetworkPlan& plan) {
  constexpr Duration kLook = Duration::milliseconds(100);
  constexpr Duration kWorthwhile = Duration::milliseconds(1);
  const NetworkCut cut = cut_network(plan, idle_processors(kLook));
  return cut.lookahead >= kWorthwhile ? cut : NetworkCut();
}

RunResult run_virtually(const Scenario& scenario, std::optional<unsigned> parallel,
                        RunOptions options) {
  if (!UmlMachines::are_in(scenario)) {
    note_one_part(parallel, "only networks with kernels (backend: uml) are cut");
    return run_scenario(scenario, options);
  }
  const BuiltKernel kernel = require_kernel();
  // What real programs do is not known from the scenario alone: kept, to be compared.
  options.record = true;
  const NetworkPlan plan(scenario);
  options.cut = parallel ? cut_network(plan, static_cast<int>(*parallel)) : faster_cut(plan);
  if (options.cut.parts == 1) {
    note_one_part(parallel, "no link between kernels can be cut: one with a delay, without jitter");
  }
  UmlMachines machines(plan, {.kernel = kernel.program,
                              .violin = own_program(),
                              .on_one_processor = options.cut.parts == 1});
  return run_scenario(plan, machines, options);
}

ExitStatus run_one(const RunRequest& request, const std::optional<SweepPoint>& point,
                   const SweepValues& sweep) {
  const Scenario scenario = read_and_check(request, point, sweep);
  const fs::path out = request.out ? *request.out : next_run_folder("runs", scenario.name);
  ResultFolder folder(out, request.force ? Existing::kReplace : Existing::kRefuse);
  const InterruptGuard guard;
  const RunOptions options{folder.working(), request.command, request.record, request.quiet, {}};
  std::optional<RealRun> real;
  if (request.clock == ClockKind::kReal) {
    real.emplace(scenario,
                 RealRun::Options{options, request.file, out, request.hold, request.hosts});
  }
  const RunResult result = real ? real->run() : run_virtually(scenario, request.parallel, options);
  write_scenario_file(scenario, folder.working());
  write_result(result, folder.working());
  write_file_atomically(folder.working() / "report.html",
                        report_text(result, {topology_svg(scenario)}));
  folder.commit();
  if (!request.quiet) {
    fmt::print("{}", run_summary_text(result, out));
  } else if (!expectations_met(result)) {
    fmt::print(stderr, "violin: an expectation failed: violin explain {}\n", out.string());
  }
  for (const std::string& failure : result.failures) {
    if (request.quiet) fmt::print(stderr, "violin: {}\n", failure);
  }
  if (request.hold && !result.interrupted) hold(*real, scenario, request.quiet);
  if (result.interrupted || !result.failures.empty()) return ExitStatus::kNotCarriedOut;
  return expectations_met(result) ? ExitStatus::kDone : ExitStatus::kExpectationFailed;
}

// The folder of a sweep is there from the beginning, so that an interrupted one can go on. One that
// belongs to another scenario is left alone.
void prepare_sweep_folder(const RunRequest& request, const fs::path& out) {
  const fs::path mark = out / "sweep.yaml";
  std::ifstream in(mark);
  const std::string before{std::istreambuf_iterator<char>(in), {}};
  const bool same = in && before == request.source.text;
  if (!same || request.force) {
    if (fs::exists(out) && !request.force) {
      throw std::runtime_error(out.string() +
                               " holds something else; --force replaces it, --out names another");
    }
    // ResultFolder refuses to remove what are no results.
    ResultFolder(out, Existing::kReplace).commit();
  }
  write_file_atomically(mark, request.source.text);
}

ExitStatus sweep_status(const SweepResult& sweep, bool interrupted) {
  if (interrupted || !sweep.failed.empty()) return ExitStatus::kNotCarriedOut;
  for (const ExpectationOutcome& outcome : sweep.expectations) {
    if (!outcome.met) return ExitStatus::kExpectationFailed;
  }
  for (const SweepRun& run : sweep.runs) {
    if (!expectations_met(run.result)) return ExitStatus::kExpectationFailed;
  }
  return ExitStatus::kDone;
}

ExitStatus run_many(const RunRequest& request, const std::vector<SweepPoint>& points) {
  // Everything that can be wrong with the input is said before anything runs.
  const Scenario scenario = check_scenario(request.source, request.overrides).scenario;
  refuse_other_clocks(scenario, request.clock);
  if (request.hosts) check_hosts(*request.hosts, scenario);
  const fs::path out = request.out ? *request.out : next_run_folder("runs", scenario.name);
  prepare_sweep_folder(request, out);
  const InterruptGuard guard;
  const bool real = request.clock == ClockKind::kReal;
  SweepRunOptions options;
  options.scenario_file = request.file;
  options.folder = out;
  options.overrides = request.overrides;
  options.clock = real ? "real" : "virtual";
  options.hosts = request.hosts_file.value_or("");
  // Real runs side by side would measure each other.
  options.jobs = real ? 1 : request.jobs;
  options.parallel = request.parallel;
  options.record = request.record;
  options.quiet = request.quiet;
  const SweepRunOutcome outcome = run_sweep(points, options);
  if (outcome.run == outcome.failed.size() && outcome.kept == 0) {
    throw std::runtime_error("no point of the sweep could be run");
  }
  SweepResult sweep = read_sweep(out);
  sweep.failed = outcome.failed;
  sweep.expectations = judge_sweep(scenario, sweep.runs);
  write_sweep(sweep, out);
  write_file_atomically(out / "report.html",
                        sweep_report_text(sweep, scenario.name, {topology_svg(scenario)}));
  if (!request.quiet) {
    if (outcome.kept > 0) fmt::print("{} points were there already\n", outcome.kept);
    fmt::print("{}", sweep_summary_text(sweep, out));
  }
  return sweep_status(sweep, outcome.interrupted);
}

}  // namespace

ExitStatus run_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, run_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const RunRequest request = read_run_request(line, *arguments);
  const std::vector<SweepPoint> points = sweep_points(request.source, request.overrides);
  // {selectors} are about the sweep of the file, also where only one of its points is run.
  const SweepValues values = values_of(sweep_points(request.source, {}));
  if (request.single) return run_one(request, std::nullopt, values);
  if (points.size() == 1) return run_one(request, points.front(), values);
  if (request.hold) {
    throw InputError(arguments->place_of("hold"),
                     "a sweep has many networks: choose one with --single and --set");
  }
  return run_many(request, points);
}

}  // namespace violin
