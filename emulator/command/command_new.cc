#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "emulator/command/arguments.hh"
#include "emulator/command/scenario_template.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/scenario/input_error.hh"

// violin new KIND: a commented scenario to start from.

namespace violin {
namespace {

const ScenarioTemplate* find_template(const std::string& kind) {
  const std::vector<ScenarioTemplate>& all = scenario_templates();
  const auto found = std::find_if(
      all.begin(), all.end(), [&kind](const ScenarioTemplate& one) { return one.kind == kind; });
  return found == all.end() ? nullptr : &*found;
}

std::string list_of_kinds() {
  TextTable table({});
  for (const ScenarioTemplate& one : scenario_templates()) {
    std::string options;
    for (const TemplateSize& size : one.sizes) {
      if (!options.empty()) options += ' ';
      options += "--" + size.name + " " + std::to_string(size.usual);
    }
    table.add({one.kind, one.summary, options});
  }
  return "Kinds, with their usual sizes:\n" + table.text(2) +
         "\n  violin new star --hosts 8 > star.yaml && violin run star.yaml\n";
}

CommandSpec new_spec(const ScenarioTemplate* chosen) {
  CommandSpec spec;
  spec.purpose =
      "Prints a short commented scenario on standard output. It runs as it is and its expectations "
      "hold.";
  spec.usage = chosen == nullptr ? "KIND [--SIZE N]…" : chosen->kind + " [--SIZE N]…";
  spec.operands = {{"KIND", 1, 1}};
  if (chosen == nullptr) {
    spec.notes = list_of_kinds();
    return spec;
  }
  for (const TemplateSize& size : chosen->sizes) {
    spec.options.push_back({.name = size.name,
                            .value = "N",
                            .explanation = size.explanation + ", " + std::to_string(size.least) +
                                           " to " + std::to_string(size.most) + " (default " +
                                           std::to_string(size.usual) + ")"});
  }
  return spec;
}

// The kind decides which sizes there are, so it is looked for before the options are read.
const ScenarioTemplate* chosen_template(const CommandLine& line) {
  for (const std::string& word : line.arguments) {
    if (const ScenarioTemplate* one = find_template(word)) return one;
  }
  return nullptr;
}

// For a word that is no kind, before an option of a kind is said to be unknown.
void require_kind(const CommandLine& line) {
  if (line.arguments.empty() || line.arguments[0].starts_with("-")) return;
  std::vector<std::string> kinds;
  for (const ScenarioTemplate& one : scenario_templates()) kinds.push_back(one.kind);
  refuse_word({.file = line.name}, "no such kind of scenario", line.arguments[0], kinds);
}

}  // namespace

ExitStatus new_command(const CommandLine& line) {
  const ScenarioTemplate* chosen = chosen_template(line);
  if (chosen == nullptr) require_kind(line);
  const std::optional<Arguments> arguments = parse_arguments(line, new_spec(chosen), std::cout);
  if (!arguments) return ExitStatus::kDone;
  chosen = find_template(arguments->operands()[0]);
  if (chosen == nullptr) require_kind({line.program, line.name, arguments->operands()});
  TemplateSizes sizes;
  for (const TemplateSize& size : chosen->sizes) {
    const std::optional<uint64_t> given = arguments->number(
        size.name, {static_cast<uint64_t>(size.least), static_cast<uint64_t>(size.most)});
    if (given) sizes[size.name] = static_cast<int64_t>(*given);
  }
  try {
    std::cout << scenario_text(chosen->kind, sizes);
  } catch (const std::invalid_argument& error) {
    throw InputError({.file = line.name}, error.what());
  }
  return ExitStatus::kDone;
}

}  // namespace violin
