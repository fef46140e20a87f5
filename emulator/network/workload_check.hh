#pragma once

#include "core/addresses.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// What a model node cannot do although the scenario's words are right: throws InputError at the
// workload. `target` is the address that its `to:` is reached at.
void check_workload(const WorkloadSpec& spec, const Scenario& scenario, IpAddress target);

}  // namespace violin
