#pragma once

#include <string>
#include <vector>

#include "emulator/routing/routed_interface.hh"
#include "emulator/scenario/scenario.hh"

namespace violin {

// A daemon of FRR and what it is told, in FRR's own language (docs.frrouting.org).
struct FrrDaemon {
  std::string name;  // "ospfd"
  std::string configuration;
};

// The daemons of one router, zebra first: those of its protocol for the address families that it
// has (ospfd and ospf6d, ripd and ripngd; bgpd and isisd do both).
//
// Every interface takes part; those without a peer are announced and stay silent (passive). OSPF
// and IS-IS treat a cable between two routers as point-to-point, so that nobody waits to be
// elected. Each BGP router is an AS of its own, from 64512 on, or 4200000000 where there are more
// than 1023 (RFC 6996), and announces what it is attached to. Router ids are the highest IPv4
// address, or, without any, 240.0.0.0 and the router's number. A node's own configuration takes the
// place of all that is said to the protocol's daemon, the first of them.
//
// `interfaces` are routed_interfaces() of the scenario.
std::vector<FrrDaemon> frr_daemons(const Scenario& scenario, int node,
                                   const std::vector<std::vector<RoutedInterface>>& interfaces);

}  // namespace violin
