#include "emulator/results/metrics.hh"

#include <array>
#include <string>

#include "core/check.hh"

// The tables of metrics.hh: every metric of every sort of thing, with its unit, its explanation for
// `violin metrics` and the way it is read off a result.

namespace violin {
namespace {

enum Statistic { kMin, kMean, kP50, kP95, kP99, kMax, kStddev };
constexpr std::array<const char*, 7> kStatistics = {"min", "mean", "p50",   "p95",
                                                    "p99", "max",  "stddev"};

MetricValue missing(Unit unit, std::string reason) {
  return {std::nullopt, unit, std::move(reason)};
}
MetricValue count(int64_t value) { return {static_cast<double>(value), Unit::kCount, ""}; }
MetricValue count(uint64_t value) { return {static_cast<double>(value), Unit::kCount, ""}; }
MetricValue bytes(int64_t value) { return {static_cast<double>(value), Unit::kBytes, ""}; }
MetricValue duration(Duration value) {
  return {static_cast<double>(value.ns()), Unit::kDuration, ""};
}

MetricValue statistic(const DurationSummary& summary, int which, const char* reason) {
  if (summary.samples == 0) return missing(Unit::kDuration, reason);
  switch (which) {
    case kMin:
      return duration(summary.min);
    case kMean:
      return {summary.mean_ns, Unit::kDuration, ""};
    case kP50:
      return duration(summary.p50);
    case kP95:
      return duration(summary.p95);
    case kP99:
      return duration(summary.p99);
    case kMax:
      return duration(summary.max);
    default:
      return {summary.stddev_ns, Unit::kDuration, ""};
  }
}

// Adds prefix.min … prefix.stddev.
template <typename Thing, typename Read>
void add_statistics(std::vector<MetricOf<Thing>>& table, const std::string& prefix,
                    const std::string& explanation, Read read) {
  for (size_t i = 0; i < kStatistics.size(); ++i) {
    const std::string name = kStatistics[i];
    table.push_back({prefix + "." + name, Unit::kDuration, name + " of " + explanation, read,
                     static_cast<int>(i)});
  }
}

// Adds drops.<reason> for every reason.
template <typename Thing, typename Read>
void add_drop_reasons(std::vector<MetricOf<Thing>>& table, Read read) {
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    const std::string reason(name_of(static_cast<DropReason>(i)));
    table.push_back(
        {"drops." + reason, Unit::kCount, "frames dropped: " + reason, read, static_cast<int>(i)});
  }
}

const PingResult& ping_of(const WorkloadResult& w) { return std::get<PingResult>(w.outcome); }
const TcpResult& tcp_of(const WorkloadResult& w) { return std::get<TcpResult>(w.outcome); }
const UdpResult& udp_of(const WorkloadResult& w) { return std::get<UdpResult>(w.outcome); }
const TracerouteResult& trace_of(const WorkloadResult& w) {
  return std::get<TracerouteResult>(w.outcome);
}

using WorkloadMetric = MetricOf<WorkloadResult>;
using WorkloadTable = std::vector<WorkloadMetric>;
using W = const WorkloadResult&;
using M = const WorkloadMetric&;
using R = const RunResult&;

constexpr const char* kNoReply = "no reply was received within the measure window";

WorkloadTable make_ping_table() {
  WorkloadTable table = {
      {"sent", Unit::kCount, "echo requests sent",
       [](W w, M, R r) { return count(summarise_ping(ping_of(w), r.window).sent); }},
      {"received", Unit::kCount, "requests that were answered in time",
       [](W w, M, R r) { return count(summarise_ping(ping_of(w), r.window).received); }},
      {"duplicates", Unit::kCount, "further replies to an answered request, over all the run",
       [](W w, M, R) { return count(ping_of(w).duplicates); }},
      {"loss", Unit::kShare, "share of requests without an answer in time",
       [](W w, M, R r) {
         const PingSummary summary = summarise_ping(ping_of(w), r.window);
         if (summary.sent == 0) return missing(Unit::kShare, "nothing was sent in the window");
         return MetricValue{static_cast<double>(summary.sent - summary.received) /
                                static_cast<double>(summary.sent),
                            Unit::kShare, ""};
       }},
      {"longest_gap", Unit::kDuration, "longest span without a reply", [](W w, M, R r) {
         const auto gap = summarise_ping(ping_of(w), r.window).longest_gap;
         return gap ? duration(*gap) : missing(Unit::kDuration, kNoReply);
       }}};
  add_statistics(table, "rtt", "the round trip", [](W w, M m, R r) {
    return statistic(summarise_ping(ping_of(w), r.window).rtt, m.detail, kNoReply);
  });
  add_statistics(table, "queueing", "the time a round trip spent in queues", [](W w, M m, R r) {
    const char* reason =
        ping_of(w).queueing_known ? kNoReply : "a program cannot tell queueing from delay";
    return statistic(summarise_ping(ping_of(w), r.window).queueing, m.detail, reason);
  });
  return table;
}

MetricValue goodput(double bps, const MeasureWindow& window) {
  if (window.to <= window.from) {
    return missing(Unit::kBitRate, "the workload was not active within the measure window");
  }
  return {bps, Unit::kBitRate, ""};
}

MetricValue flows_finished(const TcpResult& tcp, const RunResult& run) {
  return count(summarise_completion(tcp, run.window).samples);
}

WorkloadTable make_tcp_table() {
  WorkloadTable table = {
      {"goodput", Unit::kBitRate, "bytes read in order within the window, per second",
       [](W w, M, R) { return goodput(tcp_of(w).goodput_bps, tcp_of(w).window); }},
      {"bytes", Unit::kBytes, "bytes read in order, over all the run",
       [](W w, M, R) { return bytes(tcp_of(w).bytes); }},
      {"wrong_bytes", Unit::kBytes, "bytes read that differ from those sent",
       [](W w, M, R) { return bytes(tcp_of(w).wrong_bytes); }},
      {"retransmits", Unit::kCount, "segments sent again",
       [](W w, M, R) { return count(tcp_of(w).retransmits); }},
      {"timeouts", Unit::kCount, "retransmission timeouts",
       [](W w, M, R) { return count(tcp_of(w).timeouts); }},
      {"srtt", Unit::kDuration, "smoothed round trip at the end of the last flow",
       [](W w, M, R) {
         if (tcp_of(w).srtt == Duration{})
           return missing(Unit::kDuration, "nothing was acknowledged");
         return duration(tcp_of(w).srtt);
       }},
      {"flows", Unit::kCount, "connections opened",
       [](W w, M, R) { return count(uint64_t{tcp_of(w).flows.size()}); }},
      {"flows_finished", Unit::kCount, "connections opened within the window that finished",
       [](W w, M, R r) { return flows_finished(tcp_of(w), r); }}};
  add_statistics(table, "fct", "the flow completion time", [](W w, M m, R r) {
    return statistic(summarise_completion(tcp_of(w), r.window), m.detail,
                     "no flow that started within the window finished");
  });
  return table;
}

WorkloadTable make_udp_table() {
  WorkloadTable table = {
      {"goodput", Unit::kBitRate, "payload received within the window, per second",
       [](W w, M, R) { return goodput(udp_of(w).goodput_bps, udp_of(w).window); }},
      {"sent", Unit::kCount, "datagrams sent", [](W w, M, R) { return count(udp_of(w).sent); }},
      {"received", Unit::kCount, "datagrams received",
       [](W w, M, R) { return count(udp_of(w).received); }},
      {"lost", Unit::kCount, "datagrams lost", [](W w, M, R) { return count(udp_of(w).lost); }},
      {"loss", Unit::kShare, "share of datagrams lost",
       [](W w, M, R) {
         if (udp_of(w).sent == 0) return missing(Unit::kShare, "nothing was sent");
         return MetricValue{
             static_cast<double>(udp_of(w).lost) / static_cast<double>(udp_of(w).sent),
             Unit::kShare, ""};
       }},
      {"reordered", Unit::kCount, "datagrams behind a later one (RFC 4737)",
       [](W w, M, R) { return count(udp_of(w).reordered); }},
      {"duplicates", Unit::kCount, "datagrams received twice",
       [](W w, M, R) { return count(udp_of(w).duplicates); }},
      {"jitter", Unit::kDuration, "interarrival jitter (RFC 3550)", [](W w, M, R) {
         if (udp_of(w).received < 2) return missing(Unit::kDuration, "fewer than two arrived");
         return duration(udp_of(w).jitter);
       }}};
  add_statistics(table, "delay", "the one-way delay", [](W w, M m, R) {
    return statistic(udp_of(w).delay, m.detail, "no datagram was received");
  });
  return table;
}

WorkloadTable make_traceroute_table() {
  return {{"hops", Unit::kCount, "hops to the target, which is one of them",
           [](W w, M, R) {
             if (!trace_of(w).reached) return missing(Unit::kCount, "the target was not reached");
             return count(int64_t{trace_of(w).hops.back().ttl});
           }},
          {"reached", Unit::kCount, "1 when the target answered, else 0",
           [](W w, M, R) { return count(int64_t{trace_of(w).reached}); }}};
}

WorkloadTable make_exec_table() {
  return {{"status", Unit::kCount, "exit status of the command",
           [](W w, M, R) { return count(int64_t{std::get<ExecResult>(w.outcome).status}); }}};
}

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

const WorkloadTable& workload_metrics(std::string_view kind) {
  static const WorkloadTable ping = make_ping_table();
  static const WorkloadTable tcp = make_tcp_table();
  static const WorkloadTable udp = make_udp_table();
  static const WorkloadTable traceroute = make_traceroute_table();
  static const WorkloadTable exec = make_exec_table();
  if (kind == "ping") return ping;
  if (kind == "tcp") return tcp;
  if (kind == "udp") return udp;
  if (kind == "traceroute") return traceroute;
  CHECK(kind == "exec");
  return exec;
}

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
