#include "emulator/results/summary.hh"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/results/metrics.hh"
#include "emulator/results/summary_fields.hh"

namespace violin {
namespace {

using Json = nlohmann::ordered_json;
using summary_fields::distribution_json;
using summary_fields::fidelity_json;
using summary_fields::kernels_json;
using summary_fields::routers_json;

Json to_json(const DropCounts& drops) {
  Json json = Json::object();
  for (size_t i = 0; i < drops.size(); ++i) {
    if (drops[i] > 0) json[std::string(name_of(static_cast<DropReason>(i)))] = drops[i];
  }
  return json;
}

Json window_json(const MeasureWindow& window) {
  return {{"from_ns", window.from.ns()}, {"to_ns", window.to.ns()}};
}

template <typename Value>
Json optional_json(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json positive_json(Duration duration) {
  return duration == Duration{} ? Json(nullptr) : Json(duration.ns());
}

Json cut_json(const std::optional<RunCut>& cut) {
  if (!cut) return nullptr;
  const bool bounded = cut->lookahead != Duration::max();
  return {{"parts", cut->parts},
          {"lookahead_ns", bounded ? Json(cut->lookahead.ns()) : Json(nullptr)}};
}

// What each kind of workload adds to its entry.
struct OutcomeWriter {
  Json& json;
  const RunResult& run;

  void operator()(const PingResult& ping) const {
    const PingSummary summary = summarise_ping(ping, run.window);
    json["sent"] = summary.sent;
    json["received"] = summary.received;
    json["outstanding"] = summary.outstanding;
    json["duplicates"] = ping.duplicates;
    json["longest_gap_ns"] = summary.longest_gap ? Json(summary.longest_gap->ns()) : Json(nullptr);
    json["rtt_ns"] = distribution_json(summary.rtt);
    json["queueing_ns"] = distribution_json(summary.queueing);
    json["queueing_known"] = ping.queueing_known;
    json["program_rtt_ns"] = distribution_json(ping.program_rtt);
  }
  // What TCP and UDP transfers have in common.
  template <typename Transfer>
  void put_goodput(const Transfer& transfer) const {
    const bool active = transfer.window.to > transfer.window.from;
    json["window"] = window_json(transfer.window);
    json["window_bytes"] = transfer.window_bytes;
    json["goodput_bps"] = active ? Json(transfer.goodput_bps) : Json(nullptr);
  }
  void operator()(const TcpResult& tcp) const {
    put_goodput(tcp);
    json["bytes"] = tcp.bytes;
    json["wrong_bytes"] = tcp.wrong_bytes;
    json["retransmits"] = tcp.retransmits;
    json["timeouts"] = tcp.timeouts;
    json["srtt_ns"] = positive_json(tcp.srtt);
    json["flows"] = tcp.flows.size();
    json["flows_refused"] = tcp.flows_refused;
    json["fct_ns"] = distribution_json(summarise_completion(tcp, run.window));
  }
  void operator()(const UdpResult& udp) const {
    put_goodput(udp);
    json["sent"] = udp.sent;
    json["received"] = udp.received;
    json["lost"] = udp.lost;
    json["duplicates"] = udp.duplicates;
    json["reordered"] = udp.reordered;
    json["delay_ns"] = distribution_json(udp.delay);
    json["jitter_ns"] = udp.received < 2 ? Json(nullptr) : Json(udp.jitter.ns());
  }
  void operator()(const TracerouteResult& traceroute) const {
    json["reached"] = traceroute.reached;
    json["hops"] = Json::array();
    for (const TracerouteHop& hop : traceroute.hops) {
      Json rtts = Json::array();
      for (const auto& rtt : hop.rtts) rtts.push_back(rtt ? Json(rtt->ns()) : Json(nullptr));
      json["hops"].push_back({{"ttl", hop.ttl},
                              {"address", hop.address.empty() ? Json(nullptr) : Json(hop.address)},
                              {"node", hop.node.empty() ? Json(nullptr) : Json(hop.node)},
                              {"rtts_ns", rtts}});
    }
  }
  void operator()(const ExecResult& exec) const {
    json["status"] = exec.status;
    json["output"] = exec.output;
  }
};

Json to_json(const WorkloadResult& workload, const RunResult& run) {
  Json json = {{"name", workload.name},     {"kind", kind_of(workload.outcome)},
               {"source", workload.source}, {"from", workload.from},
               {"to", workload.to},         {"start_ns", workload.start.ns()}};
  std::visit(OutcomeWriter{json, run}, workload.outcome);
  json["path"] = Json::array();
  for (const PathStep& step : workload.path) {
    json["path"].push_back({{"link", step.link}, {"a_to_b", step.a_to_b}});
  }
  return json;
}

Json to_json(const LinkDirectionResult& direction) {
  return {{"from", direction.from},
          {"to", direction.to},
          {"frames", direction.frames},
          {"bytes", direction.bytes},
          {"rate_bps", direction.rate_bps > 0 ? Json(direction.rate_bps) : Json(nullptr)},
          {"utilisation", optional_json(direction.utilisation)},
          {"marks", direction.marks},
          {"duplicated", direction.duplicated},
          {"corrupted", direction.corrupted},
          {"queue_packets_max", direction.queue_packets_max},
          {"queue_max_bytes", direction.queue_bytes_max},
          {"sojourn_ns", distribution_json(direction.sojourn)},
          {"drops", to_json(direction.drops)}};
}

Json to_json(const ExpectationOutcome& outcome) {
  return {{"check", outcome.check},     {"met", outcome.met},
          {"wanted", outcome.wanted},   {"measured", outcome.measured},
          {"margin", outcome.margin},   {"reason", outcome.reason},
          {"fail", outcome.fail},       {"place", outcome.place},
          {"metrics", outcome.metrics}, {"window", window_json(outcome.window)}};
}

Json to_json(const CompareOutcome& outcome) {
  return {{"name", outcome.name},
          {"host_expression", outcome.host_expression},
          {"violin_expression", outcome.violin_expression},
          {"unit", outcome.unit},
          {"host", optional_json(outcome.host)},
          {"violin", optional_json(outcome.violin)},
          {"percent", optional_json(outcome.percent)}};
}

void put_identity(const RunIdentity& identity, Json& json) {
  json["schema"] = kSummarySchema;
  json["scenario"] = identity.scenario;
  json["version"] = identity.version;
  json["commit"] = identity.commit;
  json["command"] = identity.command;
  json["machine"] = identity.machine;
  json["seed"] = identity.seed;
  json["params"] = Json::object();
  for (const auto& [name, value] : identity.params) json["params"][name] = value;
  json["clock"] = identity.clock;
  json["epoch_ns"] = identity.epoch_ns;
  json["underlay"] = identity.underlay.empty() ? Json(nullptr) : Json(identity.underlay);
}

}  // namespace

std::string expectations_text(const std::vector<ExpectationOutcome>& outcomes) {
  Json json;
  json["schema"] = kSummarySchema;
  json["expectations"] = Json::array();
  for (const ExpectationOutcome& outcome : outcomes)
    json["expectations"].push_back(to_json(outcome));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary_text(const RunResult& result) {
  Json json;
  put_identity(result.identity, json);
  json["interrupted"] = result.interrupted;
  json["failures"] = result.failures;
  json["duration_ns"] = result.duration.ns();
  json["window"] = window_json(result.window);
  json["virtual_seconds"] = result.virtual_time.to_seconds();
  json["virtual_ns"] = result.virtual_time.ns();
  json["wall_seconds"] = result.wall_seconds;
  json["total_seconds"] = result.total_seconds;
  json["frame_hops"] = result.frame_hops;
  json["events"] = result.events;
  json["parallel"] = cut_json(result.cut);
  json["digest"] = result.digest ? Json(fmt::format("{:016x}", *result.digest)) : Json(nullptr);
  json["fidelity"] = fidelity_json(result.fidelity);
  json["kernels"] = kernels_json(result.kernels);
  json["expectations"] = Json::array();
  for (const auto& outcome : result.expectations) json["expectations"].push_back(to_json(outcome));
  json["compares"] = Json::array();
  for (const auto& outcome : result.compares) json["compares"].push_back(to_json(outcome));
  json["workloads"] = Json::array();
  for (const auto& workload : result.workloads) {
    json["workloads"].push_back(to_json(workload, result));
  }
  json["links"] = Json::array();
  for (const LinkResult& link : result.links) {
    json["links"].push_back(
        {{"name", link.name}, {"a_to_b", to_json(link.a_to_b)}, {"b_to_a", to_json(link.b_to_a)}});
  }
  json["idle_links"] = result.idle_links;
  json["nodes"] = Json::array();
  for (const NodeResult& node : result.nodes) {
    json["nodes"].push_back({{"name", node.name}, {"drops", to_json(node.drops)}});
  }
  json["routers"] = routers_json(result.routers);
  json["captures"] = result.captures;
  // Output of commands may hold any bytes; what is not UTF-8 is replaced rather than fatal.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace violin
