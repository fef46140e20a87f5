#pragma once

#include <vector>

#include "emulator/scenario/broadcast_domain.hh"
#include "emulator/scenario/scenario.hh"

// Gives addresses to the interfaces of one plane that have none.
//
// A broadcast domain is a set of links joined by switches. Every domain gets one subnet of each
// pool, in file order of its first link, and its interfaces get the first addresses of it in file
// order of their links. A link without a switch is a /30; a LAN with a switch is a /24, or larger
// when it must be; a domain of IPv6 is a /64. Switches have no addresses.
//
// Addresses that the file gives win: a domain with one uses its prefix for that family (the first
// that is given) and takes none from the pool, and the pool leaves such prefixes out.

namespace violin {

struct AddressPlan {
  std::vector<IpPrefix> pools;  // empty: the default of the plane
  Place at;                     // of the pools, for messages
};

// The default pools, tried in this order until one is large enough: 192.168.0.0/16 and
// 100.64.0.0/10 for the underlay; 10.0.0.0/16 and 10.0.0.0/8 for a violin. Violins may overlap:
// they never see each other.
std::vector<IpPrefix> default_pools(bool underlay);

// Throws InputError when a pool or a prefix is too small, an address stands twice, cannot belong to
// an interface, or lies in another domain's prefix.
void assign_addresses(Scenario& scenario, const PlaneSpec& plane, const PlaneRange& range,
                      const AddressPlan& plan);

}  // namespace violin
