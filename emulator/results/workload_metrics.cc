#include "core/check.hh"
#include "emulator/results/metric_table.hh"

// The metrics of workloads, one table for each kind (metrics.hh): each with its unit, its
// explanation for `violin metrics` and the way it is read off a result.

namespace violin {
namespace {

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
constexpr const char* kNoQueueing =
    "no request was sent and answered within the measure window once the first reply was back";

WorkloadTable make_ping_table() {
  WorkloadTable table = {
      {"sent", Unit::kCount, "echo requests sent, with those outstanding",
       [](W w, M, R r) { return count(summarise_ping(ping_of(w), r.window).sent); }},
      {"received", Unit::kCount, "requests that were answered in time",
       [](W w, M, R r) { return count(summarise_ping(ping_of(w), r.window).received); }},
      {"outstanding", Unit::kCount, "requests that might still have been answered after the end",
       [](W w, M, R r) { return count(summarise_ping(ping_of(w), r.window).outstanding); }},
      {"duplicates", Unit::kCount, "further replies to an answered request, over all the run",
       [](W w, M, R) { return count(ping_of(w).duplicates); }},
      {"loss", Unit::kShare, "share of requests without an answer in time, those outstanding aside",
       [](W w, M, R r) {
         const PingSummary summary = summarise_ping(ping_of(w), r.window);
         const int64_t decided = summary.sent - summary.outstanding;
         if (decided == 0) return missing(Unit::kShare, "nothing was sent in the window");
         return MetricValue{static_cast<double>(summary.lost()) / static_cast<double>(decided),
                            Unit::kShare, ""};
       }},
      {"longest_gap", Unit::kDuration, "longest span without a reply", [](W w, M, R r) {
         const auto gap = summarise_ping(ping_of(w), r.window).longest_gap;
         return gap ? duration(*gap) : missing(Unit::kDuration, kNoReply);
       }}};
  add_statistics(table, "rtt", "the round trip", [](W w, M m, R r) {
    return statistic(summarise_ping(ping_of(w), r.window).rtt, m.detail, kNoReply);
  });
  add_statistics(
      table, "queueing",
      "what a round trip was above the idle path, once the first reply was back (before "
      "that it may be address resolution)",
      [](W w, M m, R r) {
        const char* reason =
            ping_of(w).queueing_known ? kNoQueueing : "a program cannot tell queueing from delay";
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

}  // namespace violin
