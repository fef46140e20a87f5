#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/addresses.hh"
#include "core/routing.hh"

namespace violin {

// A node's routes by longest prefix. IPv4 routes take 16 bytes and IPv6 routes 40, in one array
// each, sorted by length and then address; a look-up is a binary search per prefix length that
// occurs, longest first. Nodes keep what they found in a HopCache in front of it. Of two routes to
// one prefix the one given first stays: there are no equal-cost paths and no metrics.
class RouteTable {
 public:
  struct Found {
    int nic = 0;
    IpAddress gateway;  // unspecified: the destination is on the link
  };

  // Adds them all; Route::interface is the index of the interface. O(n log n), n = old and new
  // together, so a table of thousands is given at once.
  void add(const std::vector<Route>& routes);
  std::optional<Found> find(IpAddress destination) const;
  size_t size() const { return v4_.size() + v6_.size(); }

 private:
  struct RouteV4 {
    uint32_t base;
    uint32_t gateway;
    int32_t nic;
    int32_t length;
  };
  struct RouteV6 {
    uint64_t base_high, base_low;
    uint64_t gateway_high, gateway_low;
    int32_t nic;
    int32_t length;
  };
  // The routes of one prefix length are [begin, the next section's begin).
  struct Section {
    int32_t length;
    uint32_t begin;
  };

  template <typename Stored>
  static void sort_and_section(std::vector<Stored>& routes, std::vector<Section>& sections);
  template <typename Stored>
  static const Stored* match(const std::vector<Stored>& routes,
                             const std::vector<Section>& sections, IpAddress destination);

  std::vector<RouteV4> v4_;
  std::vector<RouteV6> v6_;
  std::vector<Section> sections_v4_, sections_v6_;
};

}  // namespace violin
