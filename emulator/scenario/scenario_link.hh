#pragma once

#include <string>
#include <vector>

#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_document.hh"
#include "models/link/wire_spec.hh"

// The keys that say what a link does to frames. All are per direction and one way.
//   rate       100 Mbit/s, or unlimited: L2 bytes as captured
//   overhead   24 B, added to each frame when it is serialised
//   trace      a Mahimahi file, or the list of its milliseconds; instead of rate
//   delay      10 ms
//   jitter     2 ms, or {stddev: 2 ms, distribution: uniform|normal|pareto|paretonormal,
//              correlation: 25 %}
//   loss       1 %, or {random: 1 %, correlation: 25 %}, or {gemodel: {p, r, loss_bad, loss_good}},
//              or {state: {p13, p31, p32, p23, p14}} with netem's defaults for what is left out
//   duplicate, corrupt   0.1 %
//   reorder    25 %, or {percent: 25 %, correlation: 50 %, gap: 5}
//   queue      see scenario_queue.hh
//   mtu        1500, the largest L3 packet in bytes: 68 to 65535

namespace violin {

const std::vector<std::string>& wire_keys();
// Those of them that an event may change: not trace, queue and mtu.
const std::vector<std::string>& wire_patch_keys();

// Lays the keys of `value` over `wire`. Keys that are no wire keys are the caller's to check. A
// rate takes the place of a trace and the other way round.
void apply_wire_keys(const YamlValue& value, ScenarioFiles& files, WireSpec& wire);

// As apply_wire_keys, for a map that holds wire keys only; absent is nothing to do.
void apply_wire_map(const YamlValue* value, const std::string& what, ScenarioFiles& files,
                    WireSpec& wire);

// What only shows when all keys are known. A queue limited in time needs a rate: one that a default
// asks for falls back to the default limit, one that the link itself asks for is refused. RED's min
// must be below its max, also where one of them is a share of the limit.
struct QueueOrigin {
  bool from_default = true;
};
void settle_wire(const Place& place, QueueOrigin queue, WireSpec& wire);

// The changes in the map of an event; keys that cannot be changed live are the caller's to check.
WirePatch read_wire_patch(const YamlValue& value);

}  // namespace violin
