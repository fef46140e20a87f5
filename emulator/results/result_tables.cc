#include "emulator/results/result_tables.hh"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

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
      put_duration(csv, probe.queueing);
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

}  // namespace violin
