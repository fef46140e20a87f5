#pragma once

#include "core/time.hh"
#include "emulator/scenario/scenario.hh"
#include "models/workload/measurement.hh"

// When a workload is active, whoever does it: halves on model nodes or stock programs.

namespace violin {

// When it stops sending of itself, at the latest at the end of a scenario that lasts `whole`.
Time workload_end(const WorkloadSpec& spec, Duration whole);

// The part of `measured` in which it is active; may be empty, never reversed.
MeasureWindow workload_window(const WorkloadSpec& spec, const MeasureWindow& measured,
                              Duration whole);

}  // namespace violin
