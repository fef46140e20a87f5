#include "emulator/command/resolved_view.hh"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "emulator/command/clock_requirements.hh"
#include "emulator/command/scenario_warnings.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/command/workload_view.hh"

namespace violin {
namespace {

// A swept parameter with more values than this shows its first and last.
constexpr size_t kSweepValuesShown = 8;

// A heading and one wrapped line for each item; nothing for no items.
std::string list(std::string_view heading, const std::vector<std::string>& items,
                 const ViewOptions& options) {
  if (items.empty()) return "";
  const size_t shown = options.all ? items.size() : std::min(items.size(), kViewRows);
  std::string text = "\n" + std::string(heading) + "\n";
  for (size_t i = 0; i < shown; ++i) text += wrapped("  ", items[i]);
  return text + more_line(items.size() - shown, 2);
}

std::string head(const CheckedScenario& checked, const std::string& file) {
  const Scenario& scenario = checked.scenario;
  TextTable table({});
  std::string time = to_string(scenario.duration) + ", measured from " +
                     to_string(scenario.measure_from) + " to " + to_string(scenario.measure_to);
  if (scenario.bootstrap != Duration()) {
    time += ", after a bootstrap of " + to_string(scenario.bootstrap);
  }
  table.add({"duration", time});
  table.add({"seed", std::to_string(scenario.seed)});
  std::string params;
  for (const auto& [name, value] : scenario.params) {
    params += (params.empty() ? "" : ", ") + name + " = " + value;
  }
  if (!params.empty()) table.add({"params", params});
  if (const std::string sweep = sweep_words(checked); !sweep.empty()) {
    table.add({"sweep", sweep + "; shown: the params above"});
  }
  return scenario.name + " (" + file + ")\n" + table.text(2);
}

std::vector<std::string> event_lines(const Scenario& scenario) {
  std::vector<std::string> lines;
  for (const EventSpec& event : scenario.events) {
    lines.push_back("at " + to_string(event.when) + ": " + event.text);
  }
  return lines;
}

std::vector<std::string> capture_lines(const Scenario& scenario) {
  if (scenario.captures.empty()) return {};
  std::string names;
  const size_t shown = std::min(scenario.captures.size(), kViewRows);
  for (size_t i = 0; i < shown; ++i) {
    const CaptureSpec& capture = scenario.captures[i];
    const NodeSpec& node = scenario.nodes[static_cast<size_t>(capture.node)];
    names += (names.empty() ? "" : ", ") + node.full_name() + ":" +
             node.interfaces[static_cast<size_t>(capture.interface)].name;
  }
  if (shown < scenario.captures.size()) {
    names += " … (" + std::to_string(scenario.captures.size()) + " interfaces)";
  }
  if (scenario.snaplen) names += "; the first " + to_string(*scenario.snaplen) + " of each frame";
  return {names};
}

std::vector<std::string> command_lines(const Scenario& scenario) {
  std::vector<std::string> lines;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const auto* exec = std::get_if<ExecWorkload>(&workload.kind);
    if (exec == nullptr) continue;
    lines.push_back(scenario.nodes[static_cast<size_t>(workload.from)].full_name() +
                    (exec->as_root ? " as root: " : " as an unprivileged user: ") +
                    command_words(*exec));
  }
  return lines;
}

std::vector<std::string> expectation_lines(const Scenario& scenario) {
  std::vector<std::string> lines;
  for (const ExpectSpec& expect : scenario.expects) lines.push_back(expect.check);
  for (const CompareSpec& compare : scenario.compares) {
    lines.push_back(compare.name + ": (" + compare.host + " - " + compare.violin + ") / " +
                    compare.host);
  }
  return lines;
}

std::string clock_line(const std::string& clock, const std::vector<std::string>& refusals,
                       const std::string& otherwise) {
  const std::string indent = "  " + clock + std::string(9 - clock.size(), ' ');
  if (refusals.empty()) return wrapped(indent, otherwise);
  std::string text;
  for (size_t i = 0; i < refusals.size(); ++i) {
    text += wrapped(i == 0 ? indent : std::string(indent.size(), ' '), "refused: " + refusals[i]);
  }
  return text;
}

std::string clocks(const Scenario& scenario) {
  std::string needs;
  for (const std::string& need : real_clock_needs(scenario)) {
    needs += (needs.empty() ? "; needs " : "; ") + need;
  }
  return "\nclocks\n" + clock_line("virtual", virtual_clock_refusals(scenario), "runs") +
         clock_line("real", real_clock_refusals(scenario), "runs" + needs);
}

}  // namespace

std::string sweep_words(const CheckedScenario& checked) {
  if (checked.points.size() < 2) return "";
  std::string text = std::to_string(checked.points.size()) + " points";
  std::string_view separator = ": ";
  for (const auto& [name, values] : checked.sweep) {
    text.append(separator).append(name).append(" = ");
    separator = "; ";
    if (values.size() > kSweepValuesShown) {
      text += values.front() + " … " + values.back() + " (" + std::to_string(values.size()) + ")";
      continue;
    }
    for (size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ", ") + values[i];
  }
  return text;
}

std::string resolved_view(const CheckedScenario& checked, const NetworkPlan& plan,
                          const std::string& file, const ViewOptions& options) {
  const Scenario& scenario = checked.scenario;
  std::string text = head(checked, file);
  for (const PlaneSpec& plane : scenario.planes) text += "\n" + plane_view(plan, plane, options);
  if (!scenario.workloads.empty()) text += "\n" + workload_view(plan, options);
  text += list("events", event_lines(scenario), options);
  text += list("captures", capture_lines(scenario), options);
  text += list("commands that would be run", command_lines(scenario), options);
  text += list("expectations and comparisons (every name is known)", expectation_lines(scenario),
               options);
  text += list("defaults used", scenario.defaults_used, options);
  text += list("warnings", warnings_of(plan), options);
  return text + clocks(scenario);
}

}  // namespace violin
