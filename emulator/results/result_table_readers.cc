#include <istream>
#include <nlohmann/json.hpp>

#include "emulator/results/result_tables.hh"
#include "emulator/scenario/input_error.hh"

// Reads back what result_tables.cc wrote.

namespace violin {
namespace {

std::optional<Duration> take_duration(const CsvReader& csv, size_t column) {
  if (csv.cell(column).empty()) return std::nullopt;
  return Duration::nanoseconds(csv.integer(column));
}

// The outcome that a row is of.
template <typename Outcome>
Outcome& outcome_of(const CsvReader& csv, size_t workload_column, const char* kind,
                    RunResult& result) {
  const std::string& name = csv.cell(workload_column);
  for (WorkloadResult& candidate : result.workloads) {
    if (candidate.name != name) continue;
    if (auto* outcome = std::get_if<Outcome>(&candidate.outcome)) return *outcome;
  }
  csv.fail(std::string("no ") + kind + " in summary.json: " + name);
}

}  // namespace

void read_series(std::istream& in, const std::string& file, RunResult& result) {
  CsvReader csv(in, file);
  const size_t t = csv.column("t_s");
  const size_t entity = csv.column("entity");
  const size_t metric = csv.column("metric");
  const size_t value = csv.column("value");
  result.series.clear();
  while (csv.next()) {
    const bool same = !result.series.empty() && result.series.back().entity == csv.cell(entity) &&
                      result.series.back().metric == csv.cell(metric);
    if (!same) result.series.push_back({csv.cell(entity), csv.cell(metric), {}});
    const auto number = csv.real(value);
    if (number) result.series.back().points.emplace_back(csv.time(t), *number);
  }
}

void read_flows(std::istream& in, const std::string& file, RunResult& result) {
  CsvReader csv(in, file);
  const size_t workload = csv.column("workload");
  const size_t start = csv.column("start_s");
  const size_t finish = csv.column("finish_s");
  const size_t bytes = csv.column("bytes");
  const size_t retransmits = csv.column("retransmits");
  const size_t timeouts = csv.column("timeouts");
  const size_t srtt = csv.column("srtt_ns");
  while (csv.next()) {
    FlowRecord flow;
    flow.start = csv.time(start);
    if (!csv.cell(finish).empty()) flow.finish = csv.time(finish);
    flow.bytes = csv.integer(bytes);
    flow.retransmits = csv.unsigned_integer(retransmits);
    flow.timeouts = csv.unsigned_integer(timeouts);
    flow.srtt = take_duration(csv, srtt).value_or(Duration{});
    outcome_of<TcpResult>(csv, workload, "tcp workload", result).flows.push_back(flow);
  }
}

void read_pings(std::istream& in, const std::string& file, RunResult& result) {
  CsvReader csv(in, file);
  const size_t workload = csv.column("workload");
  const size_t sequence = csv.column("sequence");
  const size_t sent = csv.column("sent_s");
  const size_t rtt = csv.column("rtt_ns");
  const size_t queueing = csv.column("queueing_ns");
  while (csv.next()) {
    PingProbe probe;
    probe.sequence = csv.integer(sequence);
    probe.sent = csv.time(sent);
    probe.rtt = take_duration(csv, rtt);
    probe.queueing = take_duration(csv, queueing);
    outcome_of<PingResult>(csv, workload, "ping", result).probes.push_back(probe);
  }
}

void read_digests(std::istream& in, const std::string& file, RunResult& result) {
  CsvReader csv(in, file);
  const size_t wire = csv.column("wire");
  const size_t second = csv.column("second");
  const size_t chain = csv.column("chain");
  result.digests.clear();
  while (csv.next()) {
    if (result.digests.empty() || result.digests.back().wire != csv.cell(wire)) {
      result.digests.push_back({csv.cell(wire), csv.integer(second), {}});
    }
    result.digests.back().values.push_back(csv.unsigned_integer(chain, 16));
  }
}

void read_event_log(std::istream& in, const std::string& file, RunResult& result) {
  std::string text;
  result.event_log.clear();
  for (int line = 1; std::getline(in, text); ++line) {
    try {
      const auto json = nlohmann::json::parse(text);
      result.event_log.push_back({Time::from_ns(json.at("t_ns").get<int64_t>()),
                                  json.at("kind").get<std::string>(),
                                  json.at("text").get<std::string>()});
    } catch (const nlohmann::json::exception& error) {
      throw InputError(Place{file, line, 0}, error.what());
    }
  }
}

}  // namespace violin
