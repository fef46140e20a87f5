#pragma once

#include <cstdint>

#include "core/time.hh"

namespace violin {

// What handling one frame costs. `per_frame` plus `per_kibibyte` of its length is how long it keeps
// the processor from the next one. `latency` comes on top and keeps nobody: a kernel's wake-ups and
// its path to the device delay every frame, but many frames are in them at a time.
struct ProcessingCost {
  Duration per_frame;
  Duration per_kibibyte;
  Duration latency;
  // How long the processor is taken.
  Duration of(uint32_t bytes) const {
    return per_frame + Duration::nanoseconds(per_kibibyte.ns() * bytes / 1024);
  }
  bool operator==(const ProcessingCost&) const = default;
};

}  // namespace violin
