#include "emulator/network/workload_outcome.hh"

#include <algorithm>
#include <map>
#include <utility>

#include "emulator/results/statistics.hh"

namespace violin {
namespace {

std::vector<FlowRecord> flow_records(const TcpSource& source, const TcpSink* sink) {
  std::map<uint64_t, FlowRecord> flows;
  for (const TcpSourceFlow& flow : source.flows()) {
    FlowRecord& record = flows[flow.number];
    record.start = flow.started;
    if (flow.finished != Time::never()) record.finish = flow.finished;
    record.retransmits = flow.retransmissions;
    record.timeouts = flow.timeouts;
    record.srtt = flow.smoothed_rtt;
  }
  if (sink != nullptr) {
    for (const TcpSinkFlow& flow : sink->flows()) {
      const auto record = flows.find(flow.number);
      if (record != flows.end()) record->second.bytes = flow.bytes;
    }
  }
  std::vector<FlowRecord> records;
  for (auto& [number, record] : flows) records.push_back(record);
  return records;
}

}  // namespace

PingResult ping_outcome(const Ping& ping, std::optional<Duration> unloaded, Time end,
                        const MeasureWindow& window) {
  PingResult result;
  result.duplicates = static_cast<int64_t>(ping.duplicates());
  result.queueing_known = unloaded.has_value();
  for (const PingRecord& record : ping.records()) {
    ++result.sent;
    if (!record.rtt && record.sent + ping.spec().timeout > end) {
      if (window.contains(record.sent)) ++result.outstanding;
      continue;
    }
    PingProbe probe;
    probe.sequence = &record - ping.records().data();
    probe.sent = record.sent;
    probe.rtt = record.rtt;
    if (record.rtt && unloaded && ping.neighbours_known(record)) {
      probe.queueing = std::max(*record.rtt - *unloaded, Duration());
    }
    result.received += record.rtt ? 1 : 0;
    result.probes.push_back(probe);
  }
  return result;
}

TracerouteResult traceroute_outcome(const Traceroute& trace, const NodeOfAddress& node_of) {
  TracerouteResult result;
  result.reached = trace.reached();
  for (const Traceroute::Hop& probes : trace.hops()) {
    TracerouteHop hop;
    hop.ttl = static_cast<int>(result.hops.size()) + 1;
    for (const TracerouteProbe& probe : probes) {
      hop.rtts.push_back(probe.from ? std::optional(probe.rtt) : std::nullopt);
      if (!probe.from || !hop.address.empty()) continue;
      hop.address = to_string(*probe.from);
      hop.node = node_of(*probe.from);
    }
    result.hops.push_back(std::move(hop));
  }
  return result;
}

UdpResult udp_outcome(const UdpSource* source, const UdpSink* sink, const MeasureWindow& window) {
  UdpResult result;
  result.window = window;
  if (source != nullptr) result.sent = static_cast<int64_t>(source->sent());
  if (sink != nullptr) {
    result.window_bytes = static_cast<int64_t>(sink->window_bytes());
    result.goodput_bps = result.window.rate_of(result.window_bytes);
    result.received = static_cast<int64_t>(sink->received());
    result.duplicates = static_cast<int64_t>(sink->duplicates());
    result.reordered = static_cast<int64_t>(sink->reordered());
    result.delay = summarise(sink->delays());
    result.jitter = sink->jitter();
  }
  // Includes what is still under way at the end of the run.
  result.lost = result.sent - result.received;
  return result;
}

TcpResult tcp_outcome(const TcpSource* source, const TcpSink* sink, const MeasureWindow& window,
                      bool of_one_size) {
  TcpResult result;
  result.window = window;
  if (source != nullptr) {
    result.retransmits = source->retransmissions();
    result.timeouts = source->timeouts();
    result.srtt = source->smoothed_rtt();
    result.flows_refused = source->flows_without_port();
    result.flows = flow_records(*source, sink);
  }
  if (sink != nullptr) {
    result.window_bytes = sink->bytes_in_window();
    result.bytes = sink->bytes();
    result.wrong_bytes = sink->wrong_bytes();
  }
  if (of_one_size && result.flows.size() == 1 && result.flows.front().finish) {
    result.window.to =
        std::max(result.window.from, std::min(result.window.to, *result.flows.front().finish));
  }
  result.goodput_bps = result.window.rate_of(result.window_bytes);
  return result;
}

Series goodput_series(const std::string& name, const BinnedSeries& bytes) {
  Series series{name, "goodput_bps", {}};
  const double to_rate = 8 / bytes.width().to_seconds();
  Time at = Time::zero();
  for (const int64_t amount : bytes.bins()) {
    at += bytes.width();
    series.points.emplace_back(at, static_cast<double>(amount) * to_rate);
  }
  return series;
}

std::vector<Series> sampled_series(const std::string& name, const TcpSource& source) {
  Series window{name, "cwnd_bytes", {}};
  Series rtt{name, "srtt_ns", {}};
  for (const TcpSourceSample& sample : source.samples()) {
    if (sample.flow != 0) continue;
    window.points.emplace_back(sample.at, static_cast<double>(sample.congestion_window.count()));
    rtt.points.emplace_back(sample.at, static_cast<double>(sample.smoothed_rtt.ns()));
  }
  return {std::move(window), std::move(rtt)};
}

}  // namespace violin
