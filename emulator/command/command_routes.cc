#include <algorithm>
#include <filesystem>
#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/route_view.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/results/router_result.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/scenario_reader.hh"

// violin routes FILE|DIR [NODE]: tables of routes, as they are planned or as a run has found them.

namespace violin {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNodesMax = 10'000;

CommandSpec routes_spec() {
  CommandSpec spec;
  spec.purpose =
      "Shows routes: of a scenario's file those that are planned, of a run's folder those that its "
      "routers had found by their routing protocols at the end, and where these are not the "
      "network's shortest paths.";
  spec.usage = "FILE|DIR [NODE]… [--set NAME=VALUE]… [--seed N]";
  spec.operands = {{"FILE|DIR", 1, 1}, {"NODE", 0, kNodesMax}};
  spec.options = scenario_options();
  spec.notes =
      "  violin routes runs/ring/latest          every router's table\n"
      "  violin routes runs/ring/latest v/r1     one of them\n"
      "In a live run:  violin exec [RUN] r1 -- ip route\n";
  return spec;
}

bool is_asked_for(const std::string& node, const std::vector<std::string>& names) {
  if (names.size() == 1) return true;
  return std::any_of(names.begin() + 1, names.end(), [&](const std::string& name) {
    return node == name || node.ends_with("/" + name);
  });
}

void require_all(const Arguments& arguments, const std::vector<std::string>& known) {
  const std::vector<std::string>& words = arguments.operands();
  for (size_t i = 1; i < words.size(); ++i) {
    const bool is_there = std::any_of(known.begin(), known.end(), [&](const std::string& node) {
      return is_asked_for(node, {words[0], words[i]});
    });
    if (!is_there) refuse_word(Place{.file = "routes: NODE"}, "no such node", words[i], known);
  }
}

void print_run(const Arguments& arguments) {
  const RunResult result = read_result(arguments.operands()[0]);
  std::vector<std::string> known;
  for (const RouterResult& router : result.routers) known.push_back(router.node);
  if (known.empty()) {
    throw InputError(Place{.file = arguments.operands()[0]},
                     "no router of this run had a routing protocol");
  }
  require_all(arguments, known);
  TextTable table({"router", "prefix", "by", "next hop"});
  std::string deviations;
  for (const RouterResult& router : result.routers) {
    if (!is_asked_for(router.node, arguments.operands())) continue;
    for (const TableRoute& route : router.table) {
      table.add({router.node, route.prefix, route.protocol, hops_text(route)});
    }
    for (const std::string& deviation : router.deviations) {
      deviations += wrapped("not as the shortest paths: ", router.node + ": " + deviation);
    }
  }
  std::cout << table.text(0) << deviations;
}

void print_plan(const Arguments& arguments) {
  const Scenario scenario = read_scenario(load_scenario_source(arguments.operands()[0]),
                                          {.overrides = read_overrides(arguments)});
  const NetworkPlan plan(scenario);
  std::vector<std::string> known;
  for (const NodeSpec& node : scenario.nodes) known.push_back(node.full_name());
  require_all(arguments, known);
  for (const PlaneSpec& plane : scenario.planes) {
    std::vector<int> nodes;
    for (size_t i = 0; i < scenario.nodes.size(); ++i) {
      const NodeSpec& node = scenario.nodes[i];
      if (node.plane != plane.name || !is_asked_for(node.full_name(), arguments.operands())) {
        continue;
      }
      if (plan.routing_of(static_cast<int>(i)) != nullptr) nodes.push_back(static_cast<int>(i));
    }
    const std::string text = route_view(plan, nodes, {.all = true});
    if (!text.empty()) std::cout << plane.name << ":\n" << text;
  }
}

}  // namespace

ExitStatus routes_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, routes_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  if (fs::is_directory(arguments->operands()[0])) {
    print_run(*arguments);
  } else {
    print_plan(*arguments);
  }
  return ExitStatus::kDone;
}

}  // namespace violin
