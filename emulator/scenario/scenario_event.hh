#pragma once

#include <string>

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_index.hh"
#include "emulator/scenario/yaml_document.hh"

// Reads `events:`, a list of
//   {at: 56 s, set: {link: v1/r1--h3, delay: 20 ms}}   changes only the keys that are named
//   {at: 58 s, down: v1/last, for: 1 s, mode: silent}  a link or a node; mode: carrier | silent
//   {at: 59 s, up: v1/last}
// Links as in scenario_index.hh, where r1->h3 is one direction. A node goes down with all its
// links. An event happens before the end, and what `for:` says is over by the end.

namespace violin {

// Appends the events in order of time, then of the file; scenario.duration is known. Throws
// InputError.
void read_events(const YamlValue* value, const ScenarioIndex& index, Scenario& scenario);

// How scenario_index.hh reads a target: "v1/last", or "v1/r1:eth1->h3:eth0" for one direction.
std::string to_string(const LinkTarget& target, const Scenario& scenario);

// The event in words: "set v1/last: delay: 20 ms", "down v1/h1 for 1 s (silent)".
std::string describe(const EventSpec& event, const Scenario& scenario);

}  // namespace violin
