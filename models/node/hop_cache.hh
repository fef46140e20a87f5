#pragma once

#include <cstdint>
#include <vector>

#include "core/addresses.hh"
#include "core/time.hh"

namespace violin {

class Nic;

// Where packets to one IPv4 destination go, all questions answered: to this node itself, or out of
// an interface to a link address. An answer holds until an instant (when the neighbour has to be
// asked again) and as long as nothing it was made from has changed (see HopCache::invalidate).
struct Hop {
  uint32_t destination = 0;
  uint32_t generation = 0;  // 0 = nothing here
  Nic* nic = nullptr;       // nullptr = this node
  MacAddress mac;
  Time until;
};

// A direct-mapped cache of hops, so that forwarding costs one probe instead of a route look-up and
// a neighbour look-up. It owns no memory until something is put into it.
class HopCache {
 public:
  // `slots` is a power of two.
  explicit HopCache(uint32_t slots) : mask_(slots - 1) {}

  // The answer for this destination, or nullptr.
  const Hop* find(uint32_t destination, Time now) const {
    if (slots_.empty()) return nullptr;
    const Hop& hop = slots_[place_of(destination)];
    const bool holds =
        hop.destination == destination && hop.generation == generation_ && now < hop.until;
    return holds ? &hop : nullptr;
  }
  void put(IpAddress destination, Nic* nic, MacAddress mac, Time until) {
    if (slots_.empty()) slots_.resize(mask_ + 1);
    slots_[place_of(destination.v4_bits())] = {destination.v4_bits(), generation_, nic, mac, until};
  }
  // Addresses, routes, neighbours or carriers changed: every answer so far is void.
  void invalidate() {
    if (++generation_ != 0) return;
    slots_.clear();
    generation_ = 1;
  }

 private:
  size_t place_of(uint32_t destination) const { return (destination * 0x9e3779b1u >> 16) & mask_; }

  uint32_t mask_;
  uint32_t generation_ = 1;
  std::vector<Hop> slots_;
};

}  // namespace violin
