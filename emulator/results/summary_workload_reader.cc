#include "emulator/results/summary_fields.hh"

// Reads what summary.json says about workloads.

namespace violin::summary_fields {
namespace {

PingResult take_ping(const Json& json) {
  PingResult ping;
  ping.sent = take<int64_t>(json, "sent");
  ping.received = take<int64_t>(json, "received");
  ping.outstanding = take<int64_t>(json, "outstanding");
  ping.duplicates = take<int64_t>(json, "duplicates");
  ping.queueing_known = take<bool>(json, "queueing_known");
  // Runs of the first versions did not keep it.
  if (json.contains("program_rtt_ns")) ping.program_rtt = take_summary(json, "program_rtt_ns");
  return ping;
}

// What TCP and UDP transfers have in common.
template <typename Transfer>
void take_goodput(const Json& json, Transfer& transfer) {
  transfer.window = take_window(json);
  transfer.window_bytes = take<int64_t>(json, "window_bytes");
  transfer.goodput_bps = take_optional<double>(json, "goodput_bps").value_or(0);
}

TcpResult take_tcp(const Json& json) {
  TcpResult tcp;
  take_goodput(json, tcp);
  tcp.bytes = take<int64_t>(json, "bytes");
  tcp.wrong_bytes = take<int64_t>(json, "wrong_bytes");
  tcp.retransmits = take<uint64_t>(json, "retransmits");
  tcp.timeouts = take<uint64_t>(json, "timeouts");
  tcp.srtt = take_duration(json, "srtt_ns");
  tcp.flows_refused = take<uint64_t>(json, "flows_refused");
  return tcp;
}

UdpResult take_udp(const Json& json) {
  UdpResult udp;
  take_goodput(json, udp);
  udp.sent = take<int64_t>(json, "sent");
  udp.received = take<int64_t>(json, "received");
  udp.lost = take<int64_t>(json, "lost");
  udp.duplicates = take<int64_t>(json, "duplicates");
  udp.reordered = take<int64_t>(json, "reordered");
  udp.delay = take_summary(json, "delay_ns");
  udp.jitter = take_duration(json, "jitter_ns");
  return udp;
}

TracerouteResult take_traceroute(const Json& json) {
  TracerouteResult traceroute;
  traceroute.reached = take<bool>(json, "reached");
  for (const Json& entry : json.at("hops")) {
    TracerouteHop hop;
    hop.ttl = take<int>(entry, "ttl");
    hop.address = take_optional<std::string>(entry, "address").value_or("");
    hop.node = take_optional<std::string>(entry, "node").value_or("");
    for (const Json& rtt : entry.at("rtts_ns")) {
      hop.rtts.push_back(rtt.is_null() ? std::nullopt
                                       : std::optional(Duration::nanoseconds(rtt.get<int64_t>())));
    }
    traceroute.hops.push_back(std::move(hop));
  }
  if (traceroute.reached && traceroute.hops.empty()) throw WrongValue("reached without hops");
  return traceroute;
}

WorkloadOutcome take_outcome(const Json& json, const std::string& kind) {
  if (kind == "ping") return take_ping(json);
  if (kind == "tcp") return take_tcp(json);
  if (kind == "udp") return take_udp(json);
  if (kind == "traceroute") return take_traceroute(json);
  if (kind == "exec")
    return ExecResult{take<int>(json, "status"), take<std::string>(json, "output")};
  throw WrongValue("no such kind of workload: " + kind);
}

}  // namespace

DurationSummary take_summary(const Json& json, const char* name) {
  DurationSummary summary;
  const Json& value = json.at(name);
  if (value.is_null()) return summary;
  summary.samples = take<uint64_t>(value, "samples");
  summary.min = take_duration(value, "min");
  summary.p50 = take_duration(value, "p50");
  summary.p95 = take_duration(value, "p95");
  summary.p99 = take_duration(value, "p99");
  summary.max = take_duration(value, "max");
  summary.mean_ns = take<double>(value, "mean");
  summary.stddev_ns = take<double>(value, "stddev");
  return summary;
}

WorkloadResult take_workload(const Json& json) {
  WorkloadResult workload;
  workload.name = take<std::string>(json, "name");
  workload.from = take<std::string>(json, "from");
  workload.to = take<std::string>(json, "to");
  workload.source = take<std::string>(json, "source");
  workload.start = take_time(json, "start_ns");
  workload.outcome = take_outcome(json, take<std::string>(json, "kind"));
  for (const Json& step : json.at("path")) {
    workload.path.push_back({take<std::string>(step, "link"), take<bool>(step, "a_to_b")});
  }
  return workload;
}

}  // namespace violin::summary_fields
