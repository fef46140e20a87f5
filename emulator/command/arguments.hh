#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "emulator/command/command.hh"
#include "emulator/scenario/scenario_source.hh"

// What stands behind the name of a command, taken apart the same way for every command: long
// options (--out DIR, --out=DIR), some with a letter (-j 2), and operands (FILE, DIR). Boost does
// the splitting; what is said about mistakes is ours: which option, and which one was probably
// meant. `--` ends the options. Nothing may be shortened, so that a new option never changes what
// an old script means.

namespace violin {

struct OptionSpec {
  std::string name;         // "out", or with a letter: "jobs,j"
  std::string value;        // what it takes, for the help: "DIR"; empty = nothing, a flag
  std::string explanation;  // half a sentence
  bool repeatable = false;  // may stand several times
};

// How many operands there are; `name` is for messages: "FILE", "DIR".
struct OperandSpec {
  std::string name;
  size_t least = 1;
  size_t most = 1;
};

struct CommandSpec {
  std::string purpose;  // one sentence
  std::string usage;    // what stands behind the command's name: "FILE [--set name=value]…"
  std::vector<OptionSpec> options;
  std::vector<OperandSpec> operands;
  std::string notes;  // paragraphs at the end of the help; lines as they are to be printed
};

class Arguments {
 public:
  struct Given {
    std::string name;
    std::string value;
  };
  Arguments(std::string command, std::vector<Given> options, std::vector<std::string> operands);

  // Was --name given?
  bool has(const std::string& name) const;
  // Its value; the last one when it stands several times.
  std::optional<std::string> value(const std::string& name) const;
  std::vector<std::string> values(const std::string& name) const;
  // Its value as a whole number; throws InputError when it is none or outside the range.
  struct Range {
    uint64_t least = 0;
    uint64_t most = UINT64_MAX;
  };
  std::optional<uint64_t> number(const std::string& name, Range range) const;
  // Its value, one of `words`; throws InputError for others.
  std::optional<std::string> word(const std::string& name,
                                  const std::vector<std::string>& words) const;

  const std::vector<std::string>& operands() const { return operands_; }
  // For the place of messages: "check: --seed".
  Place place_of(const std::string& name) const;

 private:
  std::string command_;
  std::vector<Given> options_;
  std::vector<std::string> operands_;
};

// Takes the arguments apart. With -h or --help among them it prints the help and returns nothing:
// the command is done. Throws InputError for options that there are not, values that are missing or
// too many, and operands that do not fit.
std::optional<Arguments> parse_arguments(const CommandLine& line, const CommandSpec& spec,
                                         std::ostream& help);

// --set, --seed and --calibration, which every command that reads a scenario takes.
std::vector<OptionSpec> scenario_options();
// What they ask for, the calibration read; throws InputError.
Overrides read_overrides(const Arguments& arguments);

}  // namespace violin
