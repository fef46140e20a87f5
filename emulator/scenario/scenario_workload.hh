#pragma once

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_index.hh"
#include "emulator/scenario/yaml_document.hh"

// Reads `workloads:`, a list of {name:, KIND: {…}} with one kind each:
//   ping        from to at count interval size timeout
//   traceroute  from to at max_hops probes
//   tcp         from to at duration | size (one flow), or size and arrivals: {poisson: 5 /s};
//               congestion: cubic|newreno, ecn, sack, timestamps, port, send_buffer,
//               receive_buffer, receiver_pause: {at, for} (it reads nothing; models only)
//   udp         from to at rate size duration poisson port
//   exec        node at command user  (user: root, else an unprivileged one; real backends only)
// from and to are hosts or routers, v1/h1 or underlay/mit. Ranges v1/h1..h4 make one workload for
// each pair, NAME.1, NAME.2 …, `stagger:` apart. What has an end must end within the duration.

namespace violin {

// Appends the workloads; scenario.duration is known. Throws InputError.
void read_workloads(const YamlValue* value, const ScenarioIndex& index, Scenario& scenario);

// When the workload ends at the latest, if that is known before it runs.
std::optional<Duration> workload_end(const WorkloadSpec& workload);

}  // namespace violin
