#pragma once

#include "emulator/scenario/yaml_document.hh"
#include "models/link/wire_spec.hh"

namespace violin {

// Reads `queue:`, a kind alone or a map laid over `base`:
//   kind    droptail | red | codel | fq_codel | pie
//   limit   "250 packets", "64 KiB", or "100 ms" of what the rate carries
//   ecn     true marks instead of dropping; not for droptail, which cannot
//   red       min, max (bytes), probability, weight_shift (1 to 30), gentle
//   codel     target, interval;  fq_codel also flows, quantum
//   pie       target, update, burst
// A new kind starts from its own defaults; the limit of `base` stays. A parameter of another kind
// is refused.
QueueSpec read_queue(const YamlValue& value, const QueueSpec& base);

}  // namespace violin
