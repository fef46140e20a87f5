#include "emulator/results/metric_table.hh"

// The metrics of links, nodes and the run (metrics.hh): each with its unit, its explanation for
// `violin metrics` and the way it is read off a result.

namespace violin {
namespace {

using R = const RunResult&;

using DirectionTable = std::vector<MetricOf<LinkDirectionResult>>;
using D = const LinkDirectionResult&;
using DM = const MetricOf<LinkDirectionResult>&;

DirectionTable make_direction_table() {
  DirectionTable table = {
      {"frames", Unit::kCount, "frames that left the far end",
       [](D d, DM, R) { return count(d.frames); }},
      {"bytes", Unit::kBytes, "L2 bytes that left the far end",
       [](D d, DM, R) { return bytes(static_cast<int64_t>(d.bytes)); }},
      {"utilisation", Unit::kShare, "busy share of the measure window",
       [](D d, DM, R) {
         if (!d.utilisation) return missing(Unit::kShare, "the link has no rate");
         return MetricValue{*d.utilisation, Unit::kShare, ""};
       }},
      {"marks", Unit::kCount, "ECN marks set", [](D d, DM, R) { return count(d.marks); }},
      {"duplicated", Unit::kCount, "frames duplicated by the link",
       [](D d, DM, R) { return count(d.duplicated); }},
      {"corrupted", Unit::kCount, "frames corrupted by the link",
       [](D d, DM, R) { return count(d.corrupted); }},
      {"queue_packets_max", Unit::kCount, "most packets that waited at once",
       [](D d, DM, R) { return count(d.queue_packets_max); }},
      {"queue_bytes_max", Unit::kBytes, "most bytes that waited at once",
       [](D d, DM, R) { return bytes(d.queue_bytes_max); }},
      {"drops", Unit::kCount, "frames dropped", [](D d, DM, R) { return count(total(d.drops)); }}};
  add_drop_reasons(table,
                   [](D d, DM m, R) { return count(d.drops[static_cast<size_t>(m.detail)]); });
  add_statistics(table, "sojourn", "the time a frame waited in the queue", [](D d, DM m, R) {
    return statistic(d.sojourn, m.detail, "no frame was sent within the measure window");
  });
  return table;
}

using LinkTable = std::vector<MetricOf<LinkResult>>;
using L = const LinkResult&;
using LM = const MetricOf<LinkResult>&;

LinkTable make_link_table() {
  LinkTable table = {
      {"frames", Unit::kCount, "frames that left the far ends, both directions",
       [](L l, LM, R) { return count(l.a_to_b.frames + l.b_to_a.frames); }},
      {"bytes", Unit::kBytes, "L2 bytes that left the far ends, both directions",
       [](L l, LM, R) { return bytes(static_cast<int64_t>(l.a_to_b.bytes + l.b_to_a.bytes)); }},
      {"marks", Unit::kCount, "ECN marks set, both directions",
       [](L l, LM, R) { return count(l.a_to_b.marks + l.b_to_a.marks); }},
      {"drops", Unit::kCount, "frames dropped, both directions",
       [](L l, LM, R) { return count(total(l.a_to_b.drops) + total(l.b_to_a.drops)); }}};
  add_drop_reasons(table, [](L l, LM m, R) {
    const auto reason = static_cast<size_t>(m.detail);
    return count(l.a_to_b.drops[reason] + l.b_to_a.drops[reason]);
  });
  return table;
}

using RM = const MetricOf<RunResult>&;

uint64_t all_drops(const RunResult& run) {
  uint64_t sum = 0;
  for (const LinkResult& link : run.links)
    sum += total(link.a_to_b.drops) + total(link.b_to_a.drops);
  for (const NodeResult& node : run.nodes) sum += total(node.drops);
  return sum;
}

std::vector<MetricOf<RunResult>> make_run_table() {
  return {{"frame_hops", Unit::kCount, "frames that left the far end of a wire",
           [](R r, RM, R) { return count(r.frame_hops); }},
          {"events", Unit::kCount, "events of the scheduler",
           [](R r, RM, R) { return count(r.events); }},
          {"drops", Unit::kCount, "frames dropped anywhere",
           [](R r, RM, R) { return count(all_drops(r)); }},
          {"virtual_time", Unit::kDuration, "scenario time reached",
           [](R r, RM, R) { return duration(r.virtual_time); }},
          {"wall_time", Unit::kSeconds, "time the event loop took; differs from run to run",
           [](R r, RM, R) {
             return MetricValue{r.wall_seconds, Unit::kSeconds, ""};
           }}};
}

}  // namespace

const DirectionTable& direction_metrics() {
  static const DirectionTable table = make_direction_table();
  return table;
}

const LinkTable& link_metrics() {
  static const LinkTable table = make_link_table();
  return table;
}

const std::vector<MetricOf<NodeResult>>& node_metrics() {
  static const std::vector<MetricOf<NodeResult>> table = [] {
    using N = const NodeResult&;
    using NM = const MetricOf<NodeResult>&;
    std::vector<MetricOf<NodeResult>> made = {{"drops", Unit::kCount,
                                               "frames that ended in the node unused",
                                               [](N n, NM, R) { return count(total(n.drops)); }}};
    add_drop_reasons(made,
                     [](N n, NM m, R) { return count(n.drops[static_cast<size_t>(m.detail)]); });
    return made;
  }();
  return table;
}

const std::vector<MetricOf<RunResult>>& run_metrics() {
  static const std::vector<MetricOf<RunResult>> table = make_run_table();
  return table;
}

}  // namespace violin
