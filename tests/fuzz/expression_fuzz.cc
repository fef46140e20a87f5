#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/expression.hh"
#include "tests/support/example_result.hh"

// Any text is either refused with a column inside it, or judged without ado.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace violin;
  static const RunResult result = example_result();
  static const MetricCatalogue catalogue(result);
  const std::string text(reinterpret_cast<const char*>(data), size);
  const MetricLookup lookup = [](const std::string& name, const ParamSelector*) {
    return metric_value(result, name);
  };
  try {
    ExpectSpec spec;
    spec.check = text;
    const ExpectationOutcome outcome =
        judge_expectation(spec, catalogue, lookup, result.window, {{"crypt", {"none"}}});
    CHECK(outcome.met || !outcome.wanted.empty());
  } catch (const ExpressionError& error) {
    CHECK(error.column() >= 1);
    CHECK(static_cast<size_t>(error.column()) <= text.size() + 1);
  }
  return 0;
}
