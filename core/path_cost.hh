#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "core/time.hh"

namespace violin {

// What a path through a topology costs: first its delay, then its number of links. The second part
// is what keeps hop-by-hop forwarding free of loops where links have no delay at all: every step
// along a shortest path makes the remaining cost strictly smaller.
struct PathCost {
  Duration delay;
  int64_t links = 0;

  static constexpr PathCost zero() { return {}; }
  static constexpr PathCost unreachable() {
    return {Duration::max(), std::numeric_limits<int64_t>::max()};
  }
  constexpr bool reachable() const { return *this != unreachable(); }
  constexpr auto operator<=>(const PathCost&) const = default;
  // Both sides reachable; no overflow because Topology bounds the delay of a link.
  constexpr PathCost operator+(const PathCost& other) const {
    return {delay + other.delay, links + other.links};
  }
};

}  // namespace violin
