#pragma once

#include "emulator/scenario/scenario.hh"

namespace violin {

// What a protocol counts for sending over a link in one direction.
// - ospf: the link's `ospf: {cost}`, else its delay in units of 0.1 ms, rounded, 1 at least and
//   65535 at most; so that OSPF finds the routes that are planned by delay.
// - isis: the same of the delay (wide metrics, RFC 5305).
// - rip, bgp: 1; they count links, and networks.
int protocol_cost(RoutingKind protocol, const LinkSpec& link, bool a_to_b);

}  // namespace violin
