#pragma once

#include "emulator/network/network_plan.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// How far the round trips that ping saw were off those of an idle network to the model, as the
// `delay_error` of the agent the ping ran at. What the models would have a frame wait in queues is
// in it, too, so it is a bound of the error where there is other traffic. The first round trip of a
// ping is left out: it waits for ARP.
void add_delay_errors(const NetworkPlan& plan, RunResult& result);

}  // namespace violin
