#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hh"
#include "emulator/results/fidelity.hh"
#include "emulator/results/kernel_activity.hh"
#include "emulator/results/link_result.hh"
#include "emulator/results/outcome.hh"
#include "emulator/results/router_result.hh"
#include "emulator/results/run_cut.hh"
#include "emulator/results/workload_result.hh"

// Everything one run leaves behind, as plain data without decisions: the network fills it,
// metrics.hh gives its numbers names, result_writer.hh makes files of it, result_reader.hh reads
// them. Every list has a fixed order, so that equal runs give equal files but for wall times.

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
  // What captures call scenario time 0, nanoseconds since 1970: the calendar's time at it under the
  // real clock, a constant under the virtual one (kVirtualEpochNs), so that equal runs give equal
  // pcaps.
  int64_t epoch_ns = 0;
  // Under the real clock: "emulated", or "real" when its overlay hosts were real ones (a hosts
  // file). Empty without an underlay.
  std::string underlay;
};

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

struct RunResult {
  RunIdentity identity;
  bool interrupted = false;
  Duration duration;               // as the scenario has it
  MeasureWindow window;            // measure:, resolved
  Duration virtual_time;           // reached, from time 0
  double wall_seconds = 0;         // of the event loop only
  double total_seconds = 0;        // of the process
  uint64_t frame_hops = 0;         // frames of at most one link MTU that left the far end of a wire
  uint64_t events = 0;             // scheduler events, for performance tables
  std::optional<uint64_t> digest;  // nothing in real time
  std::vector<WorkloadResult> workloads;  // in scenario order
  std::vector<LinkResult> links;          // those on which something happened
  uint64_t idle_links = 0;                // the others, which are only counted
  std::vector<NodeResult> nodes;          // those that dropped something
  std::vector<RouterResult> routers;      // those with a routing protocol, in scenario order
  std::vector<Series> series;
  std::vector<DigestTrack> digests;   // by wire name
  std::vector<RunEvent> event_log;    // by time
  std::vector<std::string> captures;  // pcap files, relative to the run's folder
  std::vector<ExpectationOutcome> expectations;
  std::vector<CompareOutcome> compares;
  std::optional<FidelityResult> fidelity;
  std::optional<KernelActivity> kernels;  // of real ones, under the virtual clock
  // What could not be carried out, in words: "vm: the iperf3 client …". Empty = everything was.
  std::vector<std::string> failures;
  std::optional<RunCut> cut;  // nothing when all ran in one part
};

// Did every expectation hold? True when there are none.
bool expectations_met(const RunResult& result);
// Into the log, where they belong by their times.
void add_events(const std::vector<RunEvent>& events, RunResult& result);

}  // namespace violin
