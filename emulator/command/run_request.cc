#include "emulator/command/run_request.hh"

#include <algorithm>
#include <thread>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

// For an option that only the real clock has a meaning for.
[[noreturn]] void refuse_without_real_clock(const Arguments& arguments, const std::string& option,
                                            const std::string& why) {
  throw InputError(arguments.place_of(option),
                   "under the virtual clock " + why + ": add --clock real");
}

}  // namespace

CommandSpec run_spec() {
  CommandSpec spec;
  spec.purpose = "Runs a scenario and leaves its results in a folder.";
  spec.usage = "FILE [--out DIR] [--seed N] [--set name=value]… [-j N] [--single]";
  spec.options = scenario_options();
  spec.options.push_back({"out", "DIR", "where results go (default runs/NAME/NNN)"});
  spec.options.push_back({"clock", "virtual|real", "which clock (default virtual)"});
  spec.options.push_back(
      {"hosts", "FILE", "real clock: the real hosts to run on, each with its agent and address"});
  spec.options.push_back(
      {"jobs,j", "N", "points of a sweep at a time (default: the processors; real clock: 1)"});
  spec.options.push_back(
      {"parallel", "N",
       "virtual clock, kernels: in at most N parts that run in parallel, to the same results "
       "(default: as many as processors are idle, where that is faster)"});
  spec.options.push_back({"single", "", "one run with the file's own parameters, no sweep"});
  spec.options.push_back({"record", "", "keep every frame hop in frames.bin, for violin verify"});
  spec.options.push_back({"force", "", "replace what is in DIR"});
  spec.options.push_back({"hold", "", "real clock: keep the network up afterwards, until Ctrl-C"});
  spec.options.push_back({"quiet", "", "print errors only"});
  spec.operands = {{"FILE", 1, 1}};
  spec.notes =
      "A sweep leaves one folder per point in DIR; started again with the same scenario and DIR "
      "it\n"
      "runs only the points that are missing, and with --force all of them.\n"
      "A hosts file says for each overlay host of the scenario where its agent listens (violin "
      "agent\n"
      "--help) and where tunnels to it go; the scenario's own underlay links are then not "
      "emulated:\n"
      "  hosts: { mit: { agent: /tmp/mit.sock, address: 18.26.0.5 }, berkeley: { … } }\n"
      "Exit status: 0 every expectation holds, 1 one does not, 2 the input is wrong, 3 the run "
      "could\n"
      "not be carried out or was interrupted.\n";
  return spec;
}

RunRequest read_run_request(const CommandLine& line, const Arguments& arguments) {
  RunRequest request;
  request.file = arguments.operands().front();
  request.source = load_scenario_source(request.file);
  request.overrides = read_overrides(arguments);
  request.command = line.whole();
  const bool real = arguments.word("clock", {"virtual", "real"}) == "real";
  if (real) request.clock = ClockKind::kReal;
  if (arguments.has("out")) request.out = *arguments.value("out");
  // Under the real clock points would take each other's processor time.
  const unsigned usual = real ? 1 : std::max(1u, std::thread::hardware_concurrency());
  request.jobs = static_cast<unsigned>(arguments.number("jobs", {1, 1024}).value_or(usual));
  if (const auto parts = arguments.number("parallel", {1, 64})) {
    request.parallel = static_cast<unsigned>(*parts);
  }
  if (real && arguments.has("parallel")) {
    throw InputError(arguments.place_of("parallel"),
                     "under the real clock everybody runs at once: leave --parallel out");
  }
  request.single = arguments.has("single");
  request.record = arguments.has("record");
  request.force = arguments.has("force");
  request.quiet = arguments.has("quiet");
  request.hold = arguments.has("hold");
  if (request.hold && !real) {
    refuse_without_real_clock(arguments, "hold", "nothing is there to be held");
  }
  if (request.overrides.calibration && real) {
    throw InputError(arguments.place_of("calibration"),
                     "under the real clock tunnels cost what they cost; a calibration is for the "
                     "virtual one");
  }
  if (!arguments.has("hosts")) return request;
  if (!real) refuse_without_real_clock(arguments, "hosts", "the underlay is simulated");
  request.hosts_file = *arguments.value("hosts");
  request.hosts = load_hosts(*request.hosts_file);
  return request;
}

}  // namespace violin
