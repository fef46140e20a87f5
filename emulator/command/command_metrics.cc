#include <algorithm>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/results/metric_catalogue.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/near_miss.hh"
#include "emulator/scenario/scenario_reader.hh"

// violin metrics FILE: what expectations may use.

namespace violin {
namespace {

// A network of 100 000 links has millions of metrics, which nobody reads.
constexpr size_t kMostShown = 10'000;
constexpr size_t kWidestName = 44;

CommandSpec metrics_spec() {
  CommandSpec spec;
  spec.purpose =
      "Lists the metrics that a scenario has, with their units: the names that expect: and "
      "compare: may use.";
  spec.usage = "FILE [--match PATTERN] [--set NAME=VALUE]… [--seed N]";
  spec.operands = {{"FILE", 1, 1}};
  spec.options = scenario_options();
  spec.options.push_back({.name = "match",
                          .value = "PATTERN",
                          .explanation = "only these; * stands for anything but dots and slashes"});
  spec.options.push_back({.name = "names", .explanation = "names only, one on a line"});
  spec.options.push_back(
      {.name = "all",
       .explanation = "also when there are more than " + std::to_string(kMostShown)});
  spec.notes =
      "  violin metrics star.yaml --match 'vm.*'          of the workload vm\n"
      "  violin metrics star.yaml --match '*.goodput'     of every workload\n";
  return spec;
}

std::string unit_text(Unit unit) {
  const std::string_view name = name_of(unit);
  return std::string(name.empty() ? "number" : name);
}

void print(const std::vector<MetricInfo>& metrics, bool names_only) {
  if (names_only) {
    for (const MetricInfo& metric : metrics) std::cout << metric.name << '\n';
    return;
  }
  // A few long names of links must not push every explanation off the terminal.
  size_t width = text_width("metric");
  for (const MetricInfo& metric : metrics) {
    const size_t name = text_width(metric.name);
    if (name <= kWidestName) width = std::max(width, name);
  }
  const size_t unit_width = text_width("number");
  std::cout << padded("metric", width) << "  " << padded("unit", unit_width) << "  meaning\n";
  for (const MetricInfo& metric : metrics) {
    std::cout << padded(metric.name, width) << "  " << padded(unit_text(metric.unit), unit_width)
              << "  " << metric.explanation << '\n';
  }
}

}  // namespace

ExitStatus metrics_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, metrics_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const Scenario scenario = read_scenario(load_scenario_source(arguments->operands()[0]),
                                          {.overrides = read_overrides(*arguments)});
  const MetricCatalogue catalogue(scenario);
  const size_t limit = arguments->has("all") ? SIZE_MAX : kMostShown;
  const std::optional<std::string> pattern = arguments->value("match");
  // One more than is shown tells whether there are more.
  const size_t asked = limit == SIZE_MAX ? limit : limit + 1;
  std::vector<MetricInfo> metrics =
      pattern ? catalogue.matching(*pattern, asked) : catalogue.all(asked);
  if (metrics.empty() && pattern) {
    const std::string near = catalogue.suggestion(*pattern);
    throw InputError(
        arguments->place_of("match"),
        "no metric matches " + *pattern + (near.empty() ? "" : "; did you mean " + near + "?"));
  }
  const bool cut = metrics.size() > limit;
  if (cut) metrics.resize(limit);
  print(metrics, arguments->has("names"));
  if (cut) {
    std::cerr << "violin: only the first " << limit
              << " metrics; --match narrows them, --all shows every one\n";
  }
  return ExitStatus::kDone;
}

}  // namespace violin
