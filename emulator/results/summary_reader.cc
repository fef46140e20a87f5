#include "emulator/results/summary.hh"

#include <charconv>
#include <nlohmann/json.hpp>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

using Json = nlohmann::json;

// Thrown for values that are JSON but cannot be; parse_summary() adds the file.
class WrongValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <typename Value>
Value take(const Json& json, const char* name) {
  return json.at(name).get<Value>();
}

template <typename Value>
std::optional<Value> take_optional(const Json& json, const char* name) {
  const Json& value = json.at(name);
  if (value.is_null()) return std::nullopt;
  return value.get<Value>();
}

Duration take_duration(const Json& json, const char* name) {
  return Duration::nanoseconds(take_optional<int64_t>(json, name).value_or(0));
}
Time take_time(const Json& json, const char* name) {
  return Time::from_ns(take<int64_t>(json, name));
}

MeasureWindow take_window(const Json& json) {
  const Json& window = json.at("window");
  return {take_time(window, "from_ns"), take_time(window, "to_ns")};
}

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

DropCounts take_drops(const Json& json) {
  DropCounts drops{};
  for (const auto& [name, count] : json.at("drops").items()) {
    size_t reason = 0;
    while (reason < kDropReasonCount && name_of(static_cast<DropReason>(reason)) != name) ++reason;
    if (reason == kDropReasonCount) throw WrongValue("no such drop reason: " + name);
    drops[reason] = count.get<uint64_t>();
  }
  return drops;
}

PingResult take_ping(const Json& json) {
  PingResult ping;
  ping.sent = take<int64_t>(json, "sent");
  ping.received = take<int64_t>(json, "received");
  ping.duplicates = take<int64_t>(json, "duplicates");
  ping.queueing_known = take<bool>(json, "queueing_known");
  return ping;
}

TcpResult take_tcp(const Json& json) {
  TcpResult tcp;
  tcp.window = take_window(json);
  tcp.window_bytes = take<int64_t>(json, "window_bytes");
  tcp.goodput_bps = take_optional<double>(json, "goodput_bps").value_or(0);
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
  udp.window = take_window(json);
  udp.window_bytes = take<int64_t>(json, "window_bytes");
  udp.goodput_bps = take_optional<double>(json, "goodput_bps").value_or(0);
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

LinkDirectionResult take_direction(const Json& json) {
  LinkDirectionResult direction;
  direction.from = take<std::string>(json, "from");
  direction.to = take<std::string>(json, "to");
  direction.frames = take<uint64_t>(json, "frames");
  direction.bytes = take<uint64_t>(json, "bytes");
  direction.rate_bps = take_optional<int64_t>(json, "rate_bps").value_or(0);
  direction.utilisation = take_optional<double>(json, "utilisation");
  direction.marks = take<uint64_t>(json, "marks");
  direction.duplicated = take<uint64_t>(json, "duplicated");
  direction.corrupted = take<uint64_t>(json, "corrupted");
  direction.queue_packets_max = take<int64_t>(json, "queue_packets_max");
  direction.queue_bytes_max = take<int64_t>(json, "queue_max_bytes");
  direction.sojourn = take_summary(json, "sojourn_ns");
  direction.drops = take_drops(json);
  return direction;
}

ExpectationOutcome take_expectation(const Json& json) {
  ExpectationOutcome outcome;
  outcome.check = take<std::string>(json, "check");
  outcome.met = take<bool>(json, "met");
  outcome.wanted = take<std::string>(json, "wanted");
  outcome.measured = take<std::string>(json, "measured");
  outcome.margin = take<std::string>(json, "margin");
  outcome.reason = take<std::string>(json, "reason");
  outcome.fail = take<std::string>(json, "fail");
  outcome.place = take<std::string>(json, "place");
  outcome.metrics = take<std::vector<std::string>>(json, "metrics");
  outcome.window = take_window(json);
  return outcome;
}

CompareOutcome take_compare(const Json& json) {
  CompareOutcome outcome;
  outcome.name = take<std::string>(json, "name");
  outcome.host_expression = take<std::string>(json, "host_expression");
  outcome.violin_expression = take<std::string>(json, "violin_expression");
  outcome.unit = take<std::string>(json, "unit");
  outcome.host = take_optional<double>(json, "host");
  outcome.violin = take_optional<double>(json, "violin");
  outcome.percent = take_optional<double>(json, "percent");
  return outcome;
}

std::optional<FidelityResult> take_fidelity(const Json& json) {
  const Json& value = json.at("fidelity");
  if (value.is_null()) return std::nullopt;
  FidelityResult fidelity;
  const auto verdict = take<std::string>(value, "verdict");
  using Verdict = FidelityResult::Verdict;
  fidelity.verdict = verdict == "VALID"      ? Verdict::kValid
                     : verdict == "DEGRADED" ? Verdict::kDegraded
                                             : Verdict::kInvalid;
  fidelity.why = take<std::string>(value, "why");
  fidelity.lateness = take_summary(value, "lateness_ns");
  return fidelity;
}

RunIdentity take_identity(const Json& json) {
  RunIdentity identity;
  identity.scenario = take<std::string>(json, "scenario");
  identity.version = take<std::string>(json, "version");
  identity.commit = take<std::string>(json, "commit");
  identity.command = take<std::vector<std::string>>(json, "command");
  identity.machine = take<std::string>(json, "machine");
  identity.seed = take<uint64_t>(json, "seed");
  identity.params = take<std::map<std::string, std::string>>(json, "params");
  identity.clock = take<std::string>(json, "clock");
  identity.epoch_ns = take<int64_t>(json, "epoch_ns");
  return identity;
}

std::optional<uint64_t> take_digest(const Json& json) {
  const auto text = take_optional<std::string>(json, "digest");
  if (!text) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value, 16);
  if (error != std::errc{} || end != text->data() + text->size()) {
    throw WrongValue("not a digest: " + *text);
  }
  return value;
}

void check_schema(const Json& json) {
  const int schema = take<int>(json, "schema");
  if (schema == kSummarySchema) return;
  throw WrongValue("schema " + std::to_string(schema) +
                   " was written by another version; allowed: " + std::to_string(kSummarySchema));
}

RunResult take_result(const Json& json) {
  check_schema(json);
  RunResult result;
  result.identity = take_identity(json);
  result.interrupted = take<bool>(json, "interrupted");
  result.duration = take_duration(json, "duration_ns");
  result.window = take_window(json);
  result.virtual_time = take_duration(json, "virtual_ns");
  result.wall_seconds = take<double>(json, "wall_seconds");
  result.total_seconds = take<double>(json, "total_seconds");
  result.frame_hops = take<uint64_t>(json, "frame_hops");
  result.events = take<uint64_t>(json, "events");
  result.digest = take_digest(json);
  result.fidelity = take_fidelity(json);
  for (const Json& entry : json.at("expectations")) {
    result.expectations.push_back(take_expectation(entry));
  }
  for (const Json& entry : json.at("compares")) result.compares.push_back(take_compare(entry));
  for (const Json& entry : json.at("workloads")) result.workloads.push_back(take_workload(entry));
  for (const Json& entry : json.at("links")) {
    result.links.push_back({take<std::string>(entry, "name"), take_direction(entry.at("a_to_b")),
                            take_direction(entry.at("b_to_a"))});
  }
  for (const Json& entry : json.at("nodes")) {
    result.nodes.push_back({take<std::string>(entry, "name"), take_drops(entry)});
  }
  result.captures = take<std::vector<std::string>>(json, "captures");
  return result;
}

// Runs `read` on the JSON in `text`, turning every complaint into one about `file`.
template <typename Read>
auto parse(const std::string& text, const std::string& file, Read read) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    throw InputError(Place{file, 0, 0}, error.what());
  } catch (const WrongValue& error) {
    throw InputError(Place{file, 0, 0}, error.what());
  }
}

}  // namespace

RunResult parse_summary(const std::string& text, const std::string& file) {
  return parse(text, file, take_result);
}

std::vector<ExpectationOutcome> parse_expectations(const std::string& text,
                                                   const std::string& file) {
  return parse(text, file, [](const Json& json) {
    check_schema(json);
    std::vector<ExpectationOutcome> outcomes;
    for (const Json& entry : json.at("expectations")) outcomes.push_back(take_expectation(entry));
    return outcomes;
  });
}

}  // namespace violin
