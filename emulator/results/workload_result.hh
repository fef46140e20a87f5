#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/time.hh"
#include "models/workload/measurement.hh"

// What the workloads of a run leave behind (run_result.hh), as plain data.
namespace violin {

// A distribution of durations. Percentiles are nearest-rank (statistics.hh), or the upper edge of a
// histogram bin where the samples were not kept.
struct DurationSummary {
  uint64_t samples = 0;  // 0 = nothing was measured
  Duration min, p50, p95, p99, max;
  double mean_ns = 0;
  double stddev_ns = 0;  // of the sample (n - 1); 0 with one sample
};

struct PingProbe {
  int64_t sequence = 0;
  Time sent;
  std::optional<Duration> rtt;  // nothing = lost, or later than the timeout
  // What rtt is above that of the idle path; nothing for programs, and before the first reply,
  // when it may be address resolution (models/workload/ping.hh).
  std::optional<Duration> queueing;
};
struct PingResult {
  int64_t sent = 0;               // answered, lost and outstanding
  int64_t received = 0;           // first replies within the timeout
  int64_t outstanding = 0;        // in the window, but time out after the end; not among the probes
  int64_t duplicates = 0;         // further replies to a probe
  bool queueing_known = true;     // false for programs, which only see round trips
  std::vector<PingProbe> probes;  // by sequence
  DurationSummary program_rtt;    // what a program said of probes timed at its machine's port
};

// One TCP connection.
struct FlowRecord {
  Time start;                  // connect()
  std::optional<Time> finish;  // last byte acknowledged; nothing = cut off by the end of the run
  int64_t bytes = 0;           // read in order by the receiver
  uint64_t retransmits = 0;
  uint64_t timeouts = 0;
  Duration srtt;  // at the end; 0 = never measured
  std::optional<Duration> completion_time() const {
    if (!finish) return std::nullopt;
    return *finish - start;
  }
};
struct TcpResult {
  MeasureWindow window;      // measure: of the scenario, cut to when the workload was active
  int64_t window_bytes = 0;  // read in order within the window
  double goodput_bps = 0;    // window_bytes x 8 / window; meaningless for an empty window
  int64_t bytes = 0;         // read in order over all the run, all flows
  int64_t wrong_bytes = 0;   // that differ from what was sent: 0 unless there is a bug
  uint64_t retransmits = 0;
  uint64_t timeouts = 0;
  Duration srtt;                  // last smoothed round trip of the last flow; 0 = never measured
  uint64_t flows_refused = 0;     // arrivals that found every port in use
  std::vector<FlowRecord> flows;  // by start
};

struct UdpResult {
  MeasureWindow window;
  int64_t window_bytes = 0;
  double goodput_bps = 0;  // payload bytes received within the window x 8 / window
  int64_t sent = 0;        // datagrams, over all the run
  int64_t received = 0;
  int64_t lost = 0;
  int64_t duplicates = 0;
  int64_t reordered = 0;  // RFC 4737: a number below the highest one seen
  DurationSummary delay;  // one way; real backends report it only with a common clock
  Duration jitter;        // RFC 3550 section 6.4.1, at the end
};

struct TracerouteHop {
  int ttl = 1;
  std::string address;                        // that answered; empty = nobody did
  std::string node;                           // who has this address; empty = unknown
  std::vector<std::optional<Duration>> rtts;  // one per probe
};
struct TracerouteResult {
  bool reached = false;
  std::vector<TracerouteHop> hops;
};

struct ExecResult {
  int status = 0;      // exit status, or 128 + signal
  std::string output;  // at most its first 64 KiB
};

using WorkloadOutcome =
    std::variant<PingResult, TcpResult, UdpResult, TracerouteResult, ExecResult>;

// A step of a path: one direction of a link, by the name of its LinkResult and direction.
struct PathStep {
  std::string link;  // LinkResult::name
  bool a_to_b = true;
};

struct WorkloadResult {
  std::string name;
  std::string from;  // full node names; `to` is empty for exec
  std::string to;
  std::string source = "model";  // model | program | model+program | capture
  Time start;
  WorkloadOutcome outcome;
  // Every link its frames cross, there and back, with tunnels, each direction once; may be empty.
  std::vector<PathStep> path;
};

// ping, tcp, udp, traceroute, exec.
std::string kind_of(const WorkloadOutcome& outcome);

}  // namespace violin
