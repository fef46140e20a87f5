#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_writer.hh"

// Any text is a scenario or an InputError; and what a scenario is written as reads back to the
// same.

namespace {

// Generators may be asked for a million nodes; that is not what is looked for here.
bool is_large(const violin::Scenario& scenario) { return scenario.links.size() > 2'000; }

std::string written(const violin::Scenario& scenario) {
  std::ostringstream text;
  violin::write_scenario(scenario, text);
  return text.str();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const violin::ScenarioSource source{std::string(reinterpret_cast<const char*>(data), size),
                                      "fuzz.yaml", "/nonexistent"};
  violin::Scenario scenario;
  try {
    violin::sweep_points(source, {});
    scenario = violin::read_scenario(source, {});
  } catch (const violin::InputError&) {
    return 0;
  }
  if (is_large(scenario)) return 0;
  const std::string text = written(scenario);
  // Not caught: a resolved scenario that does not read is a bug.
  const violin::Scenario again = violin::read_scenario({text, "again.yaml", "/nonexistent"}, {});
  if (written(again) != text) std::abort();
  return 0;
}
