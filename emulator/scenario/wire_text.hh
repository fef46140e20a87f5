#pragma once

#include <map>
#include <memory>
#include <string>

#include "models/link/wire_spec.hh"

// Link values as the YAML that scenario_link.hh reads back to the same values. Only what differs
// from the built-in default is written, except where said.

namespace violin {

// "rate: 100 Mbit/s, delay: 10 ms"; empty for a perfect cable. A trace is written as an alias of
// the name that `trace_names` has for it, or as a list when it has none.
using TraceNames = std::map<const RateTrace*, std::string>;  // looked up, never iterated
std::string wire_text(const WireSpec& wire, const TraceNames& trace_names);

// Every key that the patch has, also when it sets a default.
std::string wire_patch_text(const WirePatch& patch);

// "7, 8, 8"
std::string trace_text(const RateTrace& trace);

}  // namespace violin
