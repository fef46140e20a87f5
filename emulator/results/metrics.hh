#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/quantity.hh"
#include "emulator/results/routing_summary.hh"
#include "emulator/results/run_result.hh"

// The numbers of one run by name, as expectations, compare entries, `violin compare` and runs.csv
// use them. Which names there are is metric_catalogue.hh's matter; here they get their values.
//
//   NAME.goodput, NAME.rtt.p99 …          a workload
//   NAME.hop.3.rtt, NAME.hop.3.node       one hop of a traceroute (hop_metrics.hh)
//   PLANE/LINK.A->B.utilisation …         one direction of a link
//   PLANE/LINK.drops.queue_full …         both directions of it together
//   PLANE/NODE.drops …                    a node
//   PLANE/routing.convergence …           the routers of a plane that have a routing protocol
//   run.frame_hops …                      the run
//   fidelity.lateness.p99 …               how well a real-clock run kept its times
//   NAME                                  a compare entry, a share: 0.05 is 5 % below the host
//
// All are taken over the measure window where they have samples in time (goodput, ping, sojourn,
// utilisation, flows that started in it) and over all the run where they are counters.

namespace violin {

// A value, or why there is none.
struct MetricValue {
  std::optional<double> value;  // in `unit`
  Unit unit = Unit::kCount;
  std::string reason;     // "no reply was received"
  std::string text = {};  // of a Unit::kName, which has no number; empty = none, see `reason`
};

// One metric of one sort of thing: its name behind the thing's own, and how it is read off.
template <typename Thing>
struct MetricOf {
  std::string name;  // "rtt.p99"
  Unit unit = Unit::kCount;
  std::string explanation;
  MetricValue (*read)(const Thing&, const MetricOf&, const RunResult&) = nullptr;
  int detail = 0;  // for `read`: which statistic or drop reason
};

// The probes of a ping that were sent within the window, summed up.
struct PingSummary {
  int64_t sent = 0;  // with those outstanding
  int64_t received = 0;
  int64_t outstanding = 0;
  // Those that were not answered and can no longer be.
  int64_t lost() const { return sent - received - outstanding; }
  // The longest span without a reply: between two replies, from the first probe to the first
  // reply, or from the last reply to the sending of the last probe that was lost after it.
  // Nothing when no probe was answered.
  std::optional<Duration> longest_gap;
  DurationSummary rtt;
  DurationSummary queueing;
};
PingSummary summarise_ping(const PingResult& ping, const MeasureWindow& window);

// How long flows that started within the window took; those cut off do not count.
DurationSummary summarise_completion(const TcpResult& tcp, const MeasureWindow& window);

// Every metric of a workload of this kind ("ping", "tcp" …), of one direction of a link, of a link,
// of a node, of a plane's routing, of the run and of its fidelity; fixed tables.
const std::vector<MetricOf<WorkloadResult>>& workload_metrics(std::string_view kind);
const std::vector<MetricOf<LinkDirectionResult>>& direction_metrics();
const std::vector<MetricOf<LinkResult>>& link_metrics();
const std::vector<MetricOf<NodeResult>>& node_metrics();
const std::vector<MetricOf<RoutingSummary>>& routing_metrics();
const std::vector<MetricOf<RunResult>>& run_metrics();
const std::vector<MetricOf<RunResult>>& fidelity_metrics();

// The metric called `name`. A name that nothing in the result has is a MetricValue without value,
// except of links and nodes that the result leaves out because nothing happened there: 0.
MetricValue metric_value(const RunResult& result, std::string_view name);

}  // namespace violin
