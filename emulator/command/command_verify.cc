#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/results/verification.hh"

// violin verify DIR DIR: are two runs the same?

namespace violin {
namespace {

CommandSpec verify_spec() {
  CommandSpec spec;
  spec.purpose =
      "Compares two runs, or two sweeps point by point, by their digests, which stand for every "
      "byte of every frame and its time; says where they part when they are not equal.";
  spec.usage = "DIR DIR [--quiet]";
  spec.operands = {{"DIR", 2, 2}};
  spec.options = {{.name = "quiet", .explanation = "say it by the exit status only"}};
  spec.notes =
      "  Exit status: 0 equal, 1 different, 3 cannot be told (interrupted, or no digest).\n"
      "  Runs made with --record also tell the first frame that differs.\n";
  return spec;
}

}  // namespace

ExitStatus verify_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, verify_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const std::vector<std::string>& folders = arguments->operands();
  const Verification verification = verify_folders(folders[0], folders[1]);
  if (!arguments->has("quiet")) std::cout << verification.text;
  switch (verification.verdict) {
    case Verification::Verdict::kEqual:
      return ExitStatus::kDone;
    case Verification::Verdict::kDiffer:
      return ExitStatus::kExpectationFailed;
    case Verification::Verdict::kUnknown:
      return ExitStatus::kNotCarriedOut;
  }
  return ExitStatus::kNotCarriedOut;
}

}  // namespace violin
