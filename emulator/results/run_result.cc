#include "emulator/results/run_result.hh"

#include <algorithm>
#include <numeric>

namespace violin {

DropCounts to_counts(const DropCounters& counters) {
  DropCounts counts{};
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = counters.of(static_cast<DropReason>(i));
  return counts;
}

uint64_t total(const DropCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

bool is_idle(const LinkResult& link) {
  const auto is_idle_direction = [](const LinkDirectionResult& d) {
    return d.frames == 0 && d.marks == 0 && d.duplicated == 0 && d.corrupted == 0 &&
           d.utilisation.value_or(0) == 0 && d.sojourn.samples == 0 && d.queue_packets_max == 0 &&
           total(d.drops) == 0;
  };
  return is_idle_direction(link.a_to_b) && is_idle_direction(link.b_to_a);
}

std::string direction_name(const std::string& link, const std::string& from,
                           const std::string& to) {
  return link + "." + from + "->" + to;
}

std::string direction_name(const LinkResult& link, bool a_to_b) {
  const LinkDirectionResult& direction = a_to_b ? link.a_to_b : link.b_to_a;
  return direction_name(link.name, direction.from, direction.to);
}

std::string kind_of(const WorkloadOutcome& outcome) {
  static constexpr std::array<const char*, std::variant_size_v<WorkloadOutcome>> kNames = {
      "ping", "tcp", "udp", "traceroute", "exec"};
  return kNames[outcome.index()];
}

void add_events(const std::vector<RunEvent>& events, RunResult& result) {
  result.event_log.insert(result.event_log.end(), events.begin(), events.end());
  std::stable_sort(result.event_log.begin(), result.event_log.end(),
                   [](const RunEvent& a, const RunEvent& b) { return a.when < b.when; });
}

bool expectations_met(const RunResult& result) {
  return std::all_of(result.expectations.begin(), result.expectations.end(),
                     [](const ExpectationOutcome& outcome) { return outcome.met; });
}

}  // namespace violin
