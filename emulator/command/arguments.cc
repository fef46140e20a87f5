#include "emulator/command/arguments.hh"

#include <algorithm>
#include <boost/program_options.hpp>
#include <utility>

#include "emulator/command/text_layout.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/near_miss.hh"
#include "emulator/scenario/parameters.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

namespace options = boost::program_options;

// "jobs" of "jobs,j".
std::string long_name(const OptionSpec& option) {
  return option.name.substr(0, option.name.find(','));
}

std::string help_text(const CommandLine& line, const CommandSpec& spec) {
  std::string text = "violin " + line.name + " " + spec.usage + "\n\n";
  text += wrapped("", spec.purpose);
  TextTable table({});
  for (const OptionSpec& option : spec.options) {
    const size_t comma = option.name.find(',');
    const std::string letter =
        comma == std::string::npos ? "    " : "-" + option.name.substr(comma + 1) + ", ";
    table.add({letter + "--" + long_name(option) + (option.value.empty() ? "" : " " + option.value),
               option.explanation});
  }
  table.add({"-h, --help", "print this"});
  text += "\n" + table.text(2);
  if (!spec.notes.empty()) text += "\n" + spec.notes;
  return text;
}

bool asks_for_help(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return false;
    if (argument == "-h" || argument == "--help") return true;
  }
  return false;
}

const OptionSpec* find_option(const CommandSpec& spec, const std::string& name) {
  for (const OptionSpec& option : spec.options) {
    if (long_name(option) == name) return &option;
  }
  return nullptr;
}

class Parser {
 public:
  Parser(const CommandLine& line, const CommandSpec& spec) : line_(line), spec_(spec) {
    for (const OptionSpec& option : spec.options) {
      if (option.value.empty()) {
        known_.add_options()(option.name.c_str(), "");
      } else {
        known_.add_options()(option.name.c_str(), options::value<std::string>(), "");
      }
    }
  }

  Arguments parse() const {
    std::vector<Arguments::Given> given;
    std::vector<std::string> operands;
    for (const options::option& option : split()) {
      if (option.position_key >= 0) {
        operands.push_back(option.value.at(0));
        continue;
      }
      const OptionSpec* spec = find_option(spec_, option.string_key);
      const auto same = [&option](const Arguments::Given& other) {
        return other.name == option.string_key;
      };
      if (!spec->repeatable && std::any_of(given.begin(), given.end(), same)) {
        fail("--" + option.string_key + " stands twice");
      }
      given.push_back({option.string_key, option.value.empty() ? "" : option.value.front()});
    }
    check_operands(operands);
    return Arguments(line_.name, std::move(given), std::move(operands));
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError({.file = line_.name},
                     message + " (violin " + line_.name + " --help says more)");
  }

  std::vector<options::option> split() const {
    using Style = options::command_line_style::style_t;
    try {
      return options::command_line_parser(line_.arguments)
          .options(known_)
          .style(Style::unix_style & ~Style::allow_guessing)
          .run()
          .options;
    } catch (const options::unknown_option& error) {
      fail_unknown(error.get_option_name());
    } catch (const options::invalid_command_line_syntax& error) {
      using Kind = options::invalid_syntax::kind_t;
      const std::string& name = error.get_option_name();
      if (error.kind() == Kind::extra_parameter) fail(name + " takes no value");
      const OptionSpec* option = find_option(spec_, name.substr(name.find_first_not_of('-')));
      fail(name + " needs a value" + (option == nullptr ? "" : ": " + option->value));
    } catch (const options::error& error) {
      fail(error.what());
    }
  }

  [[noreturn]] void fail_unknown(const std::string& name) const {
    std::vector<std::string> known;
    for (const OptionSpec& option : spec_.options) known.push_back("--" + long_name(option));
    const std::string near = nearest_word(name, known);
    std::string all;
    for (const std::string& option : known) all += (all.empty() ? "" : ", ") + option;
    fail("no such option: " + name +
         (near.empty() ? "; allowed: " + (all.empty() ? "none" : all)
                       : "; did you mean " + near + "?"));
  }

  void check_operands(const std::vector<std::string>& operands) const {
    size_t least = 0;
    size_t most = 0;
    for (const OperandSpec& operand : spec_.operands) {
      least += operand.least;
      most += operand.most;
      if (operands.size() < least) {
        fail(operands.empty() ? operand.name + " is missing"
                              : "one more " + operand.name + " is missing");
      }
    }
    if (operands.size() > most) fail("one too many: " + operands[most]);
  }

  const CommandLine& line_;
  const CommandSpec& spec_;
  options::options_description known_;
};

}  // namespace

Arguments::Arguments(std::string command, std::vector<Given> options,
                     std::vector<std::string> operands)
    : command_(std::move(command)), options_(std::move(options)), operands_(std::move(operands)) {}

bool Arguments::has(const std::string& name) const { return !values(name).empty(); }

std::optional<std::string> Arguments::value(const std::string& name) const {
  const std::vector<std::string> all = values(name);
  if (all.empty()) return std::nullopt;
  return all.back();
}

std::vector<std::string> Arguments::values(const std::string& name) const {
  std::vector<std::string> all;
  for (const Given& option : options_) {
    if (option.name == name) all.push_back(option.value);
  }
  return all;
}

std::optional<uint64_t> Arguments::number(const std::string& name, Range range) const {
  const std::optional<std::string> text = value(name);
  if (!text) return std::nullopt;
  const std::optional<uint64_t> number = parse_unsigned(*text);
  if (!number || *number < range.least || *number > range.most) {
    refuse(
        place_of(name), "not a number that is possible here", *text,
        "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  }
  return number;
}

std::optional<std::string> Arguments::word(const std::string& name,
                                           const std::vector<std::string>& words) const {
  const std::optional<std::string> text = value(name);
  if (text && std::find(words.begin(), words.end(), *text) == words.end()) {
    refuse_word(place_of(name), "not possible here", *text, words);
  }
  return text;
}

Place Arguments::place_of(const std::string& name) const {
  return {.file = command_ + ": --" + name};
}

std::optional<Arguments> parse_arguments(const CommandLine& line, const CommandSpec& spec,
                                         std::ostream& help) {
  if (asks_for_help(line.arguments)) {
    help << help_text(line, spec);
    return std::nullopt;
  }
  return Parser(line, spec).parse();
}

std::vector<OptionSpec> scenario_options() {
  return {{.name = "set",
           .value = "NAME=VALUE",
           .explanation = "give a parameter of the scenario another value; may stand several times",
           .repeatable = true},
          {.name = "seed", .value = "N", .explanation = "replace the scenario's seed"},
          {.name = "calibration",
           .value = "FILE",
           .explanation = "what tunnels cost, as violin calibrate measured it"}};
}

Overrides read_overrides(const Arguments& arguments) {
  Overrides overrides;
  for (const std::string& text : arguments.values("set")) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (equals == std::string::npos || !is_parameter_name(name)) {
      refuse(arguments.place_of("set"), "not a setting", text,
             "name=value, the name being one of params: in the scenario");
    }
    if (!overrides.params.emplace(name, text.substr(equals + 1)).second) {
      throw InputError(arguments.place_of("set"), "the parameter " + name + " is set twice");
    }
  }
  overrides.seed = arguments.number("seed", {});
  overrides.is_single = arguments.has("single");
  if (const auto file = arguments.value("calibration")) {
    overrides.calibration = load_calibration(*file);
  }
  return overrides;
}

}  // namespace violin
