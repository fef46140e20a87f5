#pragma once

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/yaml_document.hh"

namespace violin {

// Read `compare:` and `expect:`, what is to be said of a run's results; an absent value is nothing.
// Their expressions stay text here: emulator/results knows what they mean. Workloads come first,
// for two that are compared may not overlap in time. Throw InputError.
void read_compare(const YamlValue* value, Scenario& scenario);
void read_expect(const YamlValue* value, Scenario& scenario);

}  // namespace violin
