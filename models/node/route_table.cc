#include "models/node/route_table.hh"

#include <algorithm>
#include <utility>

namespace violin {
namespace {

// What routes of one length are ordered by, made of a stored route or of a masked address.
template <typename Stored>
auto base_of(const Stored& route) {
  if constexpr (requires { route.base; }) {
    return route.base;
  } else {
    return std::pair(route.base_high, route.base_low);
  }
}

uint32_t key_of(IpAddress address, uint32_t) { return address.v4_bits(); }
std::pair<uint64_t, uint64_t> key_of(IpAddress address, std::pair<uint64_t, uint64_t>) {
  return {address.high(), address.low()};
}

}  // namespace

template <typename Stored>
void RouteTable::sort_and_section(std::vector<Stored>& routes, std::vector<Section>& sections) {
  // Stable, so that of equal prefixes the first given comes first and is the one that stays.
  std::stable_sort(routes.begin(), routes.end(), [](const Stored& left, const Stored& right) {
    if (left.length != right.length) return left.length > right.length;
    return base_of(left) < base_of(right);
  });
  const auto same_prefix = [](const Stored& left, const Stored& right) {
    return left.length == right.length && base_of(left) == base_of(right);
  };
  routes.erase(std::unique(routes.begin(), routes.end(), same_prefix), routes.end());
  routes.shrink_to_fit();
  sections.clear();
  for (size_t i = 0; i < routes.size(); ++i) {
    if (i == 0 || routes[i].length != routes[i - 1].length) {
      sections.push_back({routes[i].length, static_cast<uint32_t>(i)});
    }
  }
}

template <typename Stored>
const Stored* RouteTable::match(const std::vector<Stored>& routes,
                                const std::vector<Section>& sections, IpAddress destination) {
  for (size_t i = 0; i < sections.size(); ++i) {
    const Stored* first = routes.data() + sections[i].begin;
    const Stored* last =
        routes.data() + (i + 1 < sections.size() ? sections[i + 1].begin : routes.size());
    const auto wanted = key_of(destination.masked(sections[i].length), base_of(*first));
    const Stored* found = std::lower_bound(
        first, last, wanted,
        [](const Stored& route, const auto& base) { return base_of(route) < base; });
    if (found != last && base_of(*found) == wanted) return found;
  }
  return nullptr;
}

void RouteTable::add(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    const IpAddress base = route.prefix.base();
    const IpAddress via = route.via.value_or(IpAddress());
    if (base.is_v4()) {
      v4_.push_back({base.v4_bits(), via.v4_bits(), route.interface, route.prefix.length()});
    } else {
      v6_.push_back(
          {base.high(), base.low(), via.high(), via.low(), route.interface, route.prefix.length()});
    }
  }
  sort_and_section(v4_, sections_v4_);
  sort_and_section(v6_, sections_v6_);
}

std::optional<RouteTable::Found> RouteTable::find(IpAddress destination) const {
  if (destination.is_v4()) {
    const RouteV4* route = match(v4_, sections_v4_, destination);
    if (route == nullptr) return std::nullopt;
    return Found{route->nic, IpAddress::v4(route->gateway)};
  }
  const RouteV6* route = match(v6_, sections_v6_, destination);
  if (route == nullptr) return std::nullopt;
  return Found{route->nic, IpAddress::v6(route->gateway_high, route->gateway_low)};
}

}  // namespace violin
