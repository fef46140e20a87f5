#include "emulator/results/explanation.hh"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/units.hh"
#include "emulator/results/csv.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/quantity.hh"
#include "emulator/results/time_of_trouble.hh"

namespace violin {
namespace {

constexpr size_t kDropLinesMax = 8;
constexpr Duration kTroubleMargin = Duration::seconds(1);

std::string line(const std::string& label, const std::string& text) {
  return fmt::format("  {:<10}{}\n", label, text);
}

std::string window_text(const MeasureWindow& window) {
  return to_string(window.from) + " to " +
         (window.to == Time::never() ? "the end" : to_string(window.to));
}

std::vector<const WorkloadResult*> workloads_of(const RunResult& result,
                                                const ExpectationOutcome& outcome) {
  // A compare entry stands for the workloads of both its sides.
  std::vector<std::string> names = outcome.metrics;
  for (const CompareOutcome& compare : result.compares) {
    if (std::find(names.begin(), names.end(), compare.name) == names.end()) continue;
    names.push_back(compare.host_expression);
    names.push_back(compare.violin_expression);
  }
  std::vector<const WorkloadResult*> found;
  for (const WorkloadResult& workload : result.workloads) {
    const bool is_used = std::any_of(names.begin(), names.end(), [&](const std::string& metric) {
      return metric.find(workload.name + ".") == 0;
    });
    if (is_used) found.push_back(&workload);
  }
  return found;
}

const LinkDirectionResult* direction_of(const RunResult& result, const PathStep& step) {
  for (const LinkResult& link : result.links) {
    if (link.name == step.link) return step.a_to_b ? &link.a_to_b : &link.b_to_a;
  }
  return nullptr;
}

std::string drops_text(const DropCounts& drops) {
  std::string text;
  for (size_t i = 0; i < drops.size(); ++i) {
    if (drops[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", drops[i], name_of(static_cast<DropReason>(i)));
  }
  return text;
}

struct Dropping {
  std::string where;
  uint64_t count = 0;
  uint64_t frames = 0;
  std::string reasons;
};

// Where frames of these workloads may have been dropped: the links of their paths and the nodes at
// the ends of those, worst first.
std::vector<Dropping> droppings(const RunResult& result,
                                const std::vector<const WorkloadResult*>& workloads) {
  std::vector<Dropping> list;
  const auto add = [&list](const std::string& where, const DropCounts& drops, uint64_t frames) {
    const bool known = std::any_of(list.begin(), list.end(),
                                   [&](const Dropping& other) { return other.where == where; });
    if (!known && total(drops) > 0)
      list.push_back({where, total(drops), frames, drops_text(drops)});
  };
  for (const WorkloadResult* workload : workloads) {
    for (const PathStep& step : workload->path) {
      const LinkDirectionResult* direction = direction_of(result, step);
      if (direction == nullptr) continue;
      add(direction_name(step.link, direction->from, direction->to), direction->drops,
          direction->frames);
      const std::string plane = step.link.substr(0, step.link.find('/') + 1);
      for (const NodeResult& node : result.nodes) {
        if (node.name == plane + direction->to || node.name == plane + direction->from) {
          add(node.name, node.drops, 0);
        }
      }
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const Dropping& a, const Dropping& b) { return a.count > b.count; });
  return list;
}

std::string describe_drops(const RunResult& result,
                           const std::vector<const WorkloadResult*>& workloads) {
  const std::vector<Dropping> list = droppings(result, workloads);
  if (list.empty()) {
    return workloads.empty() ? "" : line("drops", "none on its path");
  }
  std::string text;
  for (size_t i = 0; i < list.size() && i < kDropLinesMax; ++i) {
    std::string entry = list[i].where + ": " + list[i].reasons;
    if (list[i].frames > 0) {
      const double share =
          static_cast<double>(list[i].count) / static_cast<double>(list[i].count + list[i].frames);
      entry += " (" + to_text(share, Unit::kShare, 2) + " of its frames)";
    }
    text += line(i == 0 ? "drops" : "", entry);
  }
  if (list.size() > kDropLinesMax) {
    text += line("", fmt::format("… and at {} more places", list.size() - kDropLinesMax));
  }
  return text;
}

bool is_cause(const RunEvent& event) {
  return event.kind == "set" || event.kind == "down" || event.kind == "up";
}

// The first change of the scenario during the trouble, or else the last one before it.
std::string describe_event(const RunResult& result, const MeasureWindow& trouble) {
  const RunEvent* nearest = nullptr;
  for (const RunEvent& event : result.event_log) {
    if (!is_cause(event) || event.when >= trouble.to) continue;
    if (nearest != nullptr && nearest->when >= trouble.from) break;
    nearest = &event;
  }
  if (nearest == nullptr) return "";
  return line("event", "at " + to_string(nearest->when) + ": " + nearest->text);
}

std::string tshark_filter(const RunResult& result, const WorkloadResult& workload,
                          const std::optional<MeasureWindow>& trouble) {
  static constexpr const char* kFilters[] = {"icmp", "tcp.analysis.flags", "udp", "icmp || udp",
                                             "frame"};
  std::string filter = kFilters[workload.outcome.index()];
  if (!trouble) return filter;
  const Duration epoch = Duration::nanoseconds(result.identity.epoch_ns);
  return fmt::format("({}) && frame.time_epoch >= {} && frame.time_epoch <= {}", filter,
                     seconds_text(trouble->from - kTroubleMargin + epoch),
                     seconds_text(trouble->to + kTroubleMargin + epoch));
}

// "pcap/v1.h1.eth0.pcap" is of node v1/h1.
bool is_capture_of(const std::string& capture, std::string node) {
  std::replace(node.begin(), node.end(), '/', '.');
  const size_t slash = capture.rfind('/');
  const std::string file = slash == std::string::npos ? capture : capture.substr(slash + 1);
  return file.find(node + ".") == 0;
}

std::string describe_captures(const RunResult& result, const WorkloadResult& workload,
                              const ExplanationOptions& options) {
  std::string text;
  for (const std::string& capture : result.captures) {
    if (!is_capture_of(capture, workload.from) && !is_capture_of(capture, workload.to)) continue;
    const std::string file = (options.folder / capture).string();
    text += line("capture", file);
    const std::string filter = tshark_filter(result, workload, time_of_trouble(result, workload));
    text += line("", "tshark -r " + file + " -Y '" + filter + "'");
  }
  return text;
}

std::string describe_workload(const WorkloadResult& workload) {
  std::string text = workload.name + ": " + kind_of(workload.outcome) + " " + workload.from;
  if (!workload.to.empty()) text += " -> " + workload.to;
  return text + " from " + to_string(workload.start);
}

}  // namespace

std::string explain(const RunResult& result, const ExpectationOutcome& outcome,
                    const ExplanationOptions& options) {
  std::string text = (outcome.met ? "MET     " : "FAILED  ") + outcome.check;
  if (!outcome.place.empty()) text += "    " + outcome.place;
  text += "\n";
  if (!outcome.met && !outcome.fail.empty()) text += line("that is", outcome.fail);
  text += line("wanted", outcome.wanted);
  text +=
      line("measured", outcome.measured.empty() ? "nothing: " + outcome.reason : outcome.measured);
  if (!outcome.measured.empty() && !outcome.reason.empty()) text += line("but", outcome.reason);
  if (!outcome.margin.empty()) text += line("margin", outcome.margin);
  text += line("window", window_text(outcome.window));
  const std::vector<const WorkloadResult*> workloads = workloads_of(result, outcome);
  for (const WorkloadResult* workload : workloads) {
    text += line("workload", describe_workload(*workload));
  }
  text += describe_drops(result, workloads);
  std::optional<MeasureWindow> trouble;
  for (const WorkloadResult* workload : workloads) {
    if (!trouble) trouble = time_of_trouble(result, *workload);
  }
  text +=
      describe_event(result, trouble.value_or(MeasureWindow{outcome.window.to, outcome.window.to}));
  for (const WorkloadResult* workload : workloads) {
    text += describe_captures(result, *workload, options);
  }
  return text;
}

std::string explain_failures(const RunResult& result, const ExplanationOptions& options) {
  std::string text;
  for (size_t i = 0; i < result.expectations.size(); ++i) {
    if (result.expectations[i].met) continue;
    if (!text.empty()) text += "\n";
    text += fmt::format("[{}] ", i + 1) + explain(result, result.expectations[i], options);
  }
  if (!text.empty()) return text;
  return result.expectations.empty() ? "there are no expectations\n" : "every expectation holds\n";
}

}  // namespace violin
