#include "emulator/results/result_tables.hh"

#include <fmt/format.h>

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

// Begins a table: the header, and then the prefix of each row.
class Table {
 public:
  Table(std::ostream& out, const TableOptions& options, std::vector<std::string> columns)
      : csv_(out), prefix_(options.prefix) {
    if (!options.with_header) return;
    columns.insert(columns.begin(), prefix_.columns.begin(), prefix_.columns.end());
    csv_.row(columns);
  }
  CsvWriter& begin_row() {
    for (const std::string& value : prefix_.values) csv_.text(value);
    return csv_;
  }

 private:
  CsvWriter csv_;
  const CsvPrefix& prefix_;
};

void put_duration(CsvWriter& csv, std::optional<Duration> duration) {
  if (duration) {
    csv.number(duration->ns());
  } else {
    csv.nothing();
  }
}

std::optional<Duration> take_duration(const CsvReader& csv, size_t column) {
  if (csv.cell(column).empty()) return std::nullopt;
  return Duration::nanoseconds(csv.integer(column));
}

void write_direction(Table& table, const std::string& link, const LinkDirectionResult& d) {
  CsvWriter& csv = table.begin_row();
  csv.text(link).text(d.from).text(d.to).number(d.frames).number(d.bytes);
  d.rate_bps > 0 ? csv.number(d.rate_bps) : csv.nothing();
  csv.number(d.utilisation).number(d.marks).number(d.duplicated).number(d.corrupted);
  csv.number(d.queue_packets_max).number(d.queue_bytes_max);
  if (d.sojourn.samples > 0) {
    csv.number(d.sojourn.mean_ns).number(d.sojourn.p50.ns()).number(d.sojourn.p95.ns());
    csv.number(d.sojourn.p99.ns()).number(d.sojourn.max.ns());
  } else {
    for (int i = 0; i < 5; ++i) csv.nothing();
  }
  csv.number(total(d.drops));
  for (const uint64_t count : d.drops) csv.number(count);
  csv.end_row();
}

template <typename Outcome>
Outcome* outcome_of(RunResult& result, const std::string& workload) {
  for (WorkloadResult& candidate : result.workloads) {
    if (candidate.name == workload) return std::get_if<Outcome>(&candidate.outcome);
  }
  return nullptr;
}

}  // namespace

void write_series(std::ostream& out, const RunResult& result, const TableOptions& options) {
  Table table(out, options, {"t_s", "entity", "metric", "value"});
  for (const Series& series : result.series) {
    for (const auto& [time, value] : series.points) {
      table.begin_row()
          .seconds(time)
          .text(series.entity)
          .text(series.metric)
          .number(value)
          .end_row();
    }
  }
}

void write_flows(std::ostream& out, const RunResult& result, const TableOptions& options) {
  Table table(out, options,
              {"workload", "flow", "start_s", "finish_s", "fct_ns", "bytes", "retransmits",
               "timeouts", "srtt_ns"});
  for (const WorkloadResult& workload : result.workloads) {
    const auto* tcp = std::get_if<TcpResult>(&workload.outcome);
    if (tcp == nullptr) continue;
    int64_t number = 0;
    for (const FlowRecord& flow : tcp->flows) {
      CsvWriter& csv = table.begin_row();
      csv.text(workload.name).number(++number).seconds(flow.start);
      flow.finish ? csv.seconds(*flow.finish) : csv.nothing();
      put_duration(csv, flow.completion_time());
      csv.number(flow.bytes).number(flow.retransmits).number(flow.timeouts);
      flow.srtt == Duration{} ? csv.nothing() : csv.number(flow.srtt.ns());
      csv.end_row();
    }
  }
}

void write_links(std::ostream& out, const RunResult& result, const TableOptions& options) {
  std::vector<std::string> columns = {"link",
                                      "from",
                                      "to",
                                      "frames",
                                      "bytes",
                                      "rate_bps",
                                      "utilisation_share",
                                      "marks",
                                      "duplicated",
                                      "corrupted",
                                      "queue_packets_max",
                                      "queue_max_bytes",
                                      "sojourn_mean_ns",
                                      "sojourn_p50_ns",
                                      "sojourn_p95_ns",
                                      "sojourn_p99_ns",
                                      "sojourn_max_ns",
                                      "drops"};
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    columns.push_back("drops_" + std::string(name_of(static_cast<DropReason>(i))));
  }
  Table table(out, options, columns);
  for (const LinkResult& link : result.links) {
    write_direction(table, link.name, link.a_to_b);
    write_direction(table, link.name, link.b_to_a);
  }
}

void write_pings(std::ostream& out, const RunResult& result, const TableOptions& options) {
  Table table(out, options, {"workload", "sequence", "sent_s", "rtt_ns", "queueing_ns"});
  for (const WorkloadResult& workload : result.workloads) {
    const auto* ping = std::get_if<PingResult>(&workload.outcome);
    if (ping == nullptr) continue;
    for (const PingProbe& probe : ping->probes) {
      CsvWriter& csv = table.begin_row();
      csv.text(workload.name).number(probe.sequence).seconds(probe.sent);
      put_duration(csv, probe.rtt);
      const bool known = ping->queueing_known && probe.rtt;
      put_duration(csv, known ? std::optional(probe.queueing) : std::nullopt);
      csv.end_row();
    }
  }
}

void write_digests(std::ostream& out, const RunResult& result, const TableOptions& options) {
  Table table(out, options, {"wire", "second", "chain"});
  for (const DigestTrack& track : result.digests) {
    int64_t second = track.first_second;
    for (const uint64_t value : track.values) {
      CsvWriter& csv = table.begin_row();
      csv.text(track.wire).number(second++).text(fmt::format("{:016x}", value)).end_row();
    }
  }
}

void write_event_log(std::ostream& out, const RunResult& result) {
  for (const RunEvent& event : result.event_log) {
    nlohmann::ordered_json line;
    line["t_ns"] = event.when.ns();
    line["kind"] = event.kind;
    line["text"] = event.text;
    out << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  }
}

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
    auto* tcp = outcome_of<TcpResult>(result, csv.cell(workload));
    if (tcp == nullptr) csv.fail("no tcp workload in summary.json: " + csv.cell(workload));
    FlowRecord flow;
    flow.start = csv.time(start);
    if (!csv.cell(finish).empty()) flow.finish = csv.time(finish);
    flow.bytes = csv.integer(bytes);
    flow.retransmits = csv.unsigned_integer(retransmits);
    flow.timeouts = csv.unsigned_integer(timeouts);
    flow.srtt = take_duration(csv, srtt).value_or(Duration{});
    tcp->flows.push_back(flow);
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
    auto* ping = outcome_of<PingResult>(result, csv.cell(workload));
    if (ping == nullptr) csv.fail("no ping in summary.json: " + csv.cell(workload));
    PingProbe probe;
    probe.sequence = csv.integer(sequence);
    probe.sent = csv.time(sent);
    probe.rtt = take_duration(csv, rtt);
    probe.queueing = take_duration(csv, queueing).value_or(Duration{});
    ping->probes.push_back(probe);
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
