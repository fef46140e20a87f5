#pragma once

#include <iosfwd>
#include <optional>

#include "emulator/results/csv.hh"
#include "emulator/results/run_result.hh"

// The tables of a run. Column names end in their unit. `prefix` goes in front of each row; the
// header is written when `with_header`.
//
//   series.csv  t_s, entity, metric, value            each series together, by time
//   flows.csv   workload, flow, start_s, finish_s, fct_ns, bytes, retransmits, timeouts, srtt_ns
//   links.csv   link, from, to, frames, bytes, … , drops_<reason>        one row per direction
//   pings.csv   workload, sequence, sent_s, rtt_ns, queueing_ns          empty rtt = lost; empty
//               queueing = not known; requests outstanding at the end are only counted, in
//               summary.json
//   digest.csv  wire, second, chain                   16 hexadecimal digits
//   events.jsonl  {"t_ns", "kind", "text"} per line

namespace violin {

struct TableOptions {
  CsvPrefix prefix;
  bool with_header = true;
};

void write_series(std::ostream& out, const RunResult& result, const TableOptions& options = {});
void write_flows(std::ostream& out, const RunResult& result, const TableOptions& options = {});
void write_links(std::ostream& out, const RunResult& result, const TableOptions& options = {});
void write_pings(std::ostream& out, const RunResult& result, const TableOptions& options = {});
void write_digests(std::ostream& out, const RunResult& result, const TableOptions& options = {});
void write_event_log(std::ostream& out, const RunResult& result);

// Each reads what was written (without prefix) into `result`, whose workloads are there already.
// `file` is for messages; throws InputError.
void read_series(std::istream& in, const std::string& file, RunResult& result);
void read_flows(std::istream& in, const std::string& file, RunResult& result);
void read_pings(std::istream& in, const std::string& file, RunResult& result);
void read_digests(std::istream& in, const std::string& file, RunResult& result);
void read_event_log(std::istream& in, const std::string& file, RunResult& result);

}  // namespace violin
