#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/drop_reason.hh"
#include "core/time.hh"
#include "models/workload/measurement.hh"

// Everything one run leaves behind, as plain data: the network fills it, metrics.hh gives its
// numbers names, result_writer.hh makes files of it and result_reader.hh reads them back.
// It decides nothing and computes nothing. Every list stands in a fixed order (that of the scenario
// or of names), so that equal runs give equal files; only the machine and the wall times differ.

namespace violin {

// Who ran what, where and how: enough to run it again.
struct RunIdentity {
  std::string scenario;              // its name
  std::string version;               // of this program
  std::string commit;                // the source it was built from; empty when unknown
  std::vector<std::string> command;  // argv
  std::string machine;               // processor, cores, kernel
  uint64_t seed = 1;
  std::map<std::string, std::string> params;  // resolved, by name; also the point of a sweep
  std::string clock = "virtual";              // virtual | real
  // What captures call scenario time 0, nanoseconds since 1970. Constant under the virtual clock
  // (kVirtualEpochNs), so that equal runs give equal pcaps.
  int64_t epoch_ns = 0;
};

// A distribution of durations by its usual numbers. Percentiles are nearest-rank (statistics.hh),
// or the upper edge of a histogram bin where the samples were not kept.
struct DurationSummary {
  uint64_t samples = 0;  // 0 = nothing was measured, the rest means nothing
  Duration min, p50, p95, p99, max;
  double mean_ns = 0;
  double stddev_ns = 0;  // of the sample (n - 1); 0 with one sample
};

// ---- workloads --------------------------------------------------------------------------------

struct PingProbe {
  int64_t sequence = 0;
  Time sent;
  std::optional<Duration> rtt;  // nothing = lost, or later than the timeout
  Duration queueing;            // part of rtt spent in queues, both ways; known in models only
};
struct PingResult {
  int64_t sent = 0;
  int64_t received = 0;           // first replies within the timeout
  int64_t duplicates = 0;         // further replies to a probe
  bool queueing_known = true;     // false for programs, which only see round trips
  std::vector<PingProbe> probes;  // by sequence
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
  std::string source = "model";  // model | program | capture: who measured
  Time start;
  WorkloadOutcome outcome;
  // Every link its frames cross, there and back, tunnels included, each direction once: where to
  // look when it went badly. May be empty.
  std::vector<PathStep> path;
};

// ---- links and nodes --------------------------------------------------------------------------

using DropCounts = std::array<uint64_t, kDropReasonCount>;  // indexed by DropReason
DropCounts to_counts(const DropCounters& counters);
uint64_t total(const DropCounts& counts);

// One direction of a link, over all the run except where it says window.
struct LinkDirectionResult {
  std::string from, to;  // node names within the plane
  uint64_t frames = 0;   // that left the far end
  uint64_t bytes = 0;
  uint64_t marks = 0;  // ECN marks set
  uint64_t duplicated = 0;
  uint64_t corrupted = 0;
  int64_t rate_bps = 0;  // at the end of the run; 0 = unlimited
  // Busy part of the measure window, 0 to 1; nothing on a link without a rate.
  std::optional<double> utilisation;
  DurationSummary sojourn;  // time in the queue, per frame sent within the window
  int64_t queue_packets_max = 0;
  int64_t queue_bytes_max = 0;
  DropCounts drops{};
};
struct LinkResult {
  std::string name;  // "v1/h1--s1"
  LinkDirectionResult a_to_b, b_to_a;
};

struct NodeResult {
  std::string name;  // "v1/h1"
  DropCounts drops{};
};

// ---- over time --------------------------------------------------------------------------------

// One quantity over time. `metric` ends in its unit: goodput_bps, rtt_ns, queue_packets,
// cwnd_bytes.
struct Series {
  std::string entity;  // workload name, or "v1/h1--s1.h1->s1"
  std::string metric;
  std::vector<std::pair<Time, double>> points;  // ascending
};

// The digest chain of one wire at the end of each whole second of virtual time.
struct DigestTrack {
  std::string wire;              // "v1/h1--s1.h1->s1"
  int64_t first_second = 0;      // negative during bootstrap
  std::vector<uint64_t> values;  // one per second, the last one at the end of the run
};

// Something that happened to the scenario, not to a frame: link down, rate set, workload started.
struct RunEvent {
  Time when;
  std::string kind;  // set | down | up | workload_start | workload_end | note
  std::string text;
};

// ---- verdicts ---------------------------------------------------------------------------------

struct ExpectationOutcome {
  std::string check;  // as written
  std::string fail;   // the scenario's own words, may be empty
  std::string place;  // "scenario.yaml:41:5"
  bool met = false;
  std::string wanted;    // ">= 70 Mbit/s"
  std::string measured;  // "64.2 Mbit/s"; empty when nothing was measured
  std::string margin;    // "-5.8 Mbit/s (-8.3 %)"; signed, negative = missed
  std::string reason;    // why there is no value
  MeasureWindow window;
  std::vector<std::string> metrics;  // that the expectation uses
};

// 100 x (host - violin)/host of one run.
struct CompareOutcome {
  std::string name;
  std::string host_expression, violin_expression;
  std::string unit;            // of host and violin
  std::optional<double> host;  // in base units
  std::optional<double> violin;
  std::optional<double> percent;  // nothing when one is missing or host is 0
};

// How well a real-clock run kept its times.
struct FidelityResult {
  enum class Verdict { kValid, kDegraded, kInvalid };
  Verdict verdict = Verdict::kValid;
  std::string why;
  DurationSummary lateness;
};

struct RunResult {
  RunIdentity identity;
  bool interrupted = false;
  Duration duration;         // as the scenario has it
  MeasureWindow window;      // measure:, resolved
  Duration virtual_time;     // reached, from time 0
  double wall_seconds = 0;   // of the event loop only
  double total_seconds = 0;  // of the process
  // Frames of at most one link MTU that left the far end of a wire.
  uint64_t frame_hops = 0;
  uint64_t events = 0;             // scheduler events, for performance tables
  std::optional<uint64_t> digest;  // nothing in real time

  std::vector<WorkloadResult> workloads;  // in scenario order
  std::vector<LinkResult> links;
  std::vector<NodeResult> nodes;  // those that dropped something
  std::vector<Series> series;
  std::vector<DigestTrack> digests;   // by wire name
  std::vector<RunEvent> event_log;    // by time
  std::vector<std::string> captures;  // pcap files, relative to the run's folder
  std::vector<ExpectationOutcome> expectations;
  std::vector<CompareOutcome> compares;
  std::optional<FidelityResult> fidelity;
};

// "v1/h1--s1.h1->s1": what series, digests and metrics call one direction of a link.
std::string direction_name(const std::string& link, const std::string& from, const std::string& to);
std::string direction_name(const LinkResult& link, bool a_to_b);

// ping, tcp, udp, traceroute, exec.
std::string kind_of(const WorkloadOutcome& outcome);

// Did every expectation hold? True when there are none.
bool expectations_met(const RunResult& result);

}  // namespace violin
