#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/network/network_plan.hh"

// The ways that frames take through a planned network, in words.

namespace violin {

// "h1 ─0.1ms→ s1 ─0s→ [mit ─2ms→ New_York ─1ms→ berkeley] r1 ─0s→ h3": every node and the one-way
// delay between them; in brackets, what carries the virtual link before it. `steps` are those of
// NetworkPlan::path().
std::string path_text(const NetworkPlan& plan, const std::vector<LinkStep>& steps);

// Is `back` the way `there`, turned around?
bool is_way_back(const std::vector<LinkStep>& there, const std::vector<LinkStep>& back);

// The step with the lowest rate, the first of equal ones; nothing when none has a rate. A link with
// a trace counts with its mean.
struct Bottleneck {
  LinkStep step;
  BitRate rate;
};
std::optional<Bottleneck> bottleneck_of(const NetworkPlan& plan,
                                        const std::vector<LinkStep>& steps);

// What is asked to a direction of a link.
const WireSpec& wire_of(const Scenario& scenario, LinkStep step);
// What a wire carries: its rate, or the mean of its trace.
BitRate rate_of(const WireSpec& wire);

// What the queue of a wire holds at most, in bytes of full frames; nothing without a rate.
std::optional<Bytes> queue_capacity(const WireSpec& wire);

// The data that fills a path: rate x round trip.
Bytes bandwidth_delay_product(BitRate rate, Duration round_trip);

// The frame whose round trip `violin check` tells: the workload's own for ping and udp, that of a
// default ping for the others.
Bytes probe_frame(const NetworkPlan& plan, const WorkloadSpec& workload);

}  // namespace violin
