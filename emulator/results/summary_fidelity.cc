#include "emulator/results/summary_fields.hh"

// `fidelity` of summary.json, written and read, and how distributions are written.

namespace violin::summary_fields {
namespace {

OrderedJson bins_json(const std::vector<LogHistogram::Bin>& bins) {
  OrderedJson json = OrderedJson::array();
  for (const LogHistogram::Bin& bin : bins) json.push_back({bin.up_to.ns(), bin.count});
  return json;
}

OrderedJson agent_json(const AgentFidelity& agent) {
  return {{"host", agent.host},
          {"verdict", name_of(agent.verdict)},
          {"reasons", agent.reasons},
          {"lateness_ns", distribution_json(agent.lateness.summary)},
          {"lateness_histogram", bins_json(agent.lateness.bins)},
          {"delay_error_ns", distribution_json(agent.delay_error.summary)},
          {"delay_error_histogram", bins_json(agent.delay_error.bins)},
          {"steal_seconds", agent.steal_seconds},
          {"processor_seconds", agent.processor_seconds},
          {"overruns", agent.overruns},
          {"buffer_drops", agent.buffer_drops},
          {"aggregation_ns", agent.aggregation.ns()},
          {"clock_error_ns", agent.clock_error.ns()}};
}

FidelityVerdict take_verdict(const Json& json) {
  const auto word = take<std::string>(json, "verdict");
  for (const auto verdict :
       {FidelityVerdict::kValid, FidelityVerdict::kDegraded, FidelityVerdict::kInvalid}) {
    if (word == name_of(verdict)) return verdict;
  }
  throw WrongValue("no such verdict: " + word);
}

DurationHistogram take_histogram(const Json& json, const char* summary, const char* bins) {
  DurationHistogram histogram{take_summary(json, summary), {}};
  for (const Json& bin : json.at(bins)) {
    histogram.bins.push_back(
        {Duration::nanoseconds(bin.at(0).get<int64_t>()), bin.at(1).get<uint64_t>()});
  }
  return histogram;
}

AgentFidelity take_agent(const Json& json) {
  AgentFidelity agent;
  agent.host = take<std::string>(json, "host");
  agent.verdict = take_verdict(json);
  agent.reasons = take<std::vector<std::string>>(json, "reasons");
  agent.lateness = take_histogram(json, "lateness_ns", "lateness_histogram");
  agent.delay_error = take_histogram(json, "delay_error_ns", "delay_error_histogram");
  agent.steal_seconds = take<double>(json, "steal_seconds");
  agent.processor_seconds = take<double>(json, "processor_seconds");
  agent.overruns = take<uint64_t>(json, "overruns");
  agent.buffer_drops = take<uint64_t>(json, "buffer_drops");
  agent.aggregation = take_duration(json, "aggregation_ns");
  // Earlier runs had one clock.
  if (json.contains("clock_error_ns")) agent.clock_error = take_duration(json, "clock_error_ns");
  return agent;
}

}  // namespace

OrderedJson distribution_json(const DurationSummary& summary) {
  if (summary.samples == 0) return nullptr;
  return {{"samples", summary.samples}, {"min", summary.min.ns()},    {"mean", summary.mean_ns},
          {"p50", summary.p50.ns()},    {"p95", summary.p95.ns()},    {"p99", summary.p99.ns()},
          {"max", summary.max.ns()},    {"stddev", summary.stddev_ns}};
}

OrderedJson fidelity_json(const std::optional<FidelityResult>& fidelity) {
  if (!fidelity) return nullptr;
  const FidelityLimits& limits = fidelity->limits;
  OrderedJson json = {{"verdict", name_of(fidelity->verdict)}, {"reasons", fidelity->reasons}};
  json["limits"] = {{"valid_p50_ns", limits.valid_p50.ns()},
                    {"valid_p99_ns", limits.valid_p99.ns()},
                    {"degraded_p99_ns", limits.degraded_p99.ns()},
                    {"valid_steal_share", limits.valid_steal},
                    {"degraded_steal_share", limits.degraded_steal}};
  const AgentFidelity* latest = fidelity->latest();
  json["lateness_ns"] =
      distribution_json(latest == nullptr ? DurationSummary{} : latest->lateness.summary);
  json["agents"] = OrderedJson::array();
  for (const AgentFidelity& agent : fidelity->agents) json["agents"].push_back(agent_json(agent));
  return json;
}

std::optional<FidelityResult> take_fidelity(const Json& json) {
  const Json& value = json.at("fidelity");
  if (value.is_null()) return std::nullopt;
  FidelityResult fidelity;
  fidelity.verdict = take_verdict(value);
  fidelity.reasons = take<std::vector<std::string>>(value, "reasons");
  const Json& limits = value.at("limits");
  fidelity.limits = {.valid_p50 = take_duration(limits, "valid_p50_ns"),
                     .valid_p99 = take_duration(limits, "valid_p99_ns"),
                     .degraded_p99 = take_duration(limits, "degraded_p99_ns"),
                     .valid_steal = take<double>(limits, "valid_steal_share"),
                     .degraded_steal = take<double>(limits, "degraded_steal_share")};
  for (const Json& agent : value.at("agents")) fidelity.agents.push_back(take_agent(agent));
  return fidelity;
}

}  // namespace violin::summary_fields
