#include "emulator/scenario/addressing.hh"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "core/check.hh"
#include "emulator/scenario/address_pool.hh"
#include "emulator/scenario/broadcast_domain.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr int kLanPrefix = 24;
constexpr int kPairPrefix = 30;
constexpr int kIpv6Prefix = 64;

class Addressing {
 public:
  Addressing(Scenario& scenario, const PlaneRange& range)
      : scenario_(scenario), domains_(find_broadcast_domains(scenario, range)) {}

  void check_given();
  // Whether a broadcast domain lacks addresses of the family and has no prefix to take them from.
  bool needs_pool(bool v6);
  // Fills the family's addresses; false when `pool` is too small. Nothing is changed then.
  bool fill(bool v6, const std::optional<IpPrefix>& pool);

 private:
  struct Owned {
    InterfaceAddress address;
    int domain = -1;
    int link = -1;
  };

  NodeSpec& node(const LinkEnd& end) { return scenario_.nodes[static_cast<size_t>(end.node)]; }
  InterfaceSpec& interface(const LinkEnd& end) {
    return node(end).interfaces[static_cast<size_t>(end.interface)];
  }
  std::optional<IpPrefix> given_prefix(const BroadcastDomain& domain, bool v6);
  bool wants_addresses(const BroadcastDomain& domain, bool v6);
  int prefix_length(const BroadcastDomain& domain, bool v6) const;
  void fill_domain(const BroadcastDomain& domain, IpPrefix prefix);
  std::vector<Owned> given_addresses();
  const Place& place_of(const Owned& owned) const {
    return scenario_.links[static_cast<size_t>(owned.link)].at;
  }

  Scenario& scenario_;
  std::vector<BroadcastDomain> domains_;
};

bool has_family(const InterfaceSpec& interface, bool v6) {
  return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                     [v6](const InterfaceAddress& a) { return a.address.is_v6() == v6; });
}

std::vector<Addressing::Owned> Addressing::given_addresses() {
  std::vector<Owned> given;
  for (size_t d = 0; d < domains_.size(); ++d) {
    for (const LinkEnd& end : domains_[d].ends) {
      for (const InterfaceAddress& address : interface(end).addresses) {
        given.push_back({address, static_cast<int>(d), interface(end).link});
      }
    }
  }
  return given;
}

void Addressing::check_given() {
  std::vector<Owned> given = given_addresses();
  for (const Owned& owned : given) {
    if (is_host_address(owned.address)) continue;
    refuse(place_of(owned), "not the address of an interface", to_string(owned.address),
           "a unicast address that is neither the first nor the broadcast address of its subnet");
  }
  std::sort(given.begin(), given.end(), [](const Owned& a, const Owned& b) {
    return std::tie(a.address.address, a.link) < std::tie(b.address.address, b.link);
  });
  for (size_t i = 1; i < given.size(); ++i) {
    if (given[i].address.address != given[i - 1].address.address) continue;
    throw InputError(place_of(given[i]), "the address is given twice in this plane: " +
                                             to_string(given[i].address.address));
  }
  // Prefixes nest or are disjoint, so an overlap shows between the widest so far and the next.
  std::sort(given.begin(), given.end(), [](const Owned& a, const Owned& b) {
    const IpPrefix left = a.address.prefix(), right = b.address.prefix();
    return std::tuple(left.base(), left.length(), a.link) <
           std::tuple(right.base(), right.length(), b.link);
  });
  const Owned* widest = nullptr;
  for (const Owned& owned : given) {
    if (widest == nullptr || !widest->address.prefix().contains(owned.address.prefix().base())) {
      widest = &owned;
    } else if (widest->domain != owned.domain) {
      throw InputError(place_of(owned), "the subnet of " + to_string(owned.address) +
                                            " overlaps that of " + to_string(widest->address) +
                                            ", which is in another broadcast domain");
    }
  }
}

std::optional<IpPrefix> Addressing::given_prefix(const BroadcastDomain& domain, bool v6) {
  for (const LinkEnd& end : domain.ends) {
    for (const InterfaceAddress& address : interface(end).addresses) {
      if (address.address.is_v6() == v6) return address.prefix();
    }
  }
  return std::nullopt;
}

bool Addressing::wants_addresses(const BroadcastDomain& domain, bool v6) {
  return std::any_of(domain.ends.begin(), domain.ends.end(),
                     [this, v6](const LinkEnd& end) { return !has_family(interface(end), v6); });
}

int Addressing::prefix_length(const BroadcastDomain& domain, bool v6) const {
  if (v6) return kIpv6Prefix;
  if (!domain.has_switch) return kPairPrefix;
  int length = kLanPrefix;
  while ((int64_t{1} << (32 - length)) - 2 < static_cast<int64_t>(domain.ends.size())) --length;
  return length;
}

void Addressing::fill_domain(const BroadcastDomain& domain, IpPrefix prefix) {
  std::vector<IpAddress> taken;
  for (const LinkEnd& end : domain.ends) {
    for (const InterfaceAddress& address : interface(end).addresses) {
      taken.push_back(address.address);
    }
  }
  std::sort(taken.begin(), taken.end());
  InterfaceAddress next{prefix.base(), prefix.length()};
  for (const LinkEnd& end : domain.ends) {
    if (has_family(interface(end), prefix.base().is_v6())) continue;
    do {
      next.address = next.address.plus(1);
    } while (std::binary_search(taken.begin(), taken.end(), next.address));
    if (!prefix.contains(next.address) || !is_host_address(next)) {
      throw InputError(scenario_.links[static_cast<size_t>(domain.first_link)].at,
                       "the prefix " + to_string(prefix) + " is too small for the " +
                           std::to_string(domain.ends.size()) + " interfaces of its links");
    }
    interface(end).addresses.push_back(next);
  }
}

bool Addressing::needs_pool(bool v6) {
  return std::any_of(domains_.begin(), domains_.end(), [this, v6](const BroadcastDomain& domain) {
    return wants_addresses(domain, v6) && !given_prefix(domain, v6);
  });
}

bool Addressing::fill(bool v6, const std::optional<IpPrefix>& pool) {
  std::vector<std::optional<IpPrefix>> prefixes(domains_.size());
  std::vector<IpPrefix> given;
  for (const Owned& owned : given_addresses()) given.push_back(owned.address.prefix());
  std::optional<AddressPool> cuts;
  if (pool) cuts.emplace(*pool, std::move(given));
  for (size_t d = 0; d < domains_.size(); ++d) {
    if (!wants_addresses(domains_[d], v6)) continue;
    prefixes[d] = given_prefix(domains_[d], v6);
    if (prefixes[d] || !cuts) continue;
    prefixes[d] = cuts->cut(prefix_length(domains_[d], v6));
    if (!prefixes[d]) return false;
  }
  for (size_t d = 0; d < domains_.size(); ++d) {
    if (prefixes[d]) fill_domain(domains_[d], *prefixes[d]);
  }
  return true;
}

std::string pool_texts(const std::vector<IpPrefix>& pools) {
  std::string text;
  for (const IpPrefix& pool : pools) text += (text.empty() ? "" : ", ") + to_string(pool);
  return text;
}

}  // namespace

std::vector<IpPrefix> default_pools(bool underlay) {
  const auto v4 = [](uint32_t a, uint32_t b, int length) {
    return IpPrefix(IpAddress::v4(a << 24 | b << 16), length);
  };
  if (underlay) return {v4(192, 168, 16), v4(100, 64, 10)};
  return {v4(10, 0, 16), v4(10, 0, 8)};
}

void assign_addresses(Scenario& scenario, const PlaneSpec& plane, const PlaneRange& range,
                      const AddressPlan& plan) {
  Addressing addressing(scenario, range);
  addressing.check_given();
  const bool by_default = plan.pools.empty();
  const auto candidates = by_default ? default_pools(plane.is_underlay) : plan.pools;
  for (const bool v6 : {false, true}) {
    // A default is one of several to choose from; given pools are one of each family at most.
    bool filled = false, tried = false;
    const bool needed = addressing.needs_pool(v6);
    for (const IpPrefix& pool : candidates) {
      if (filled || pool.base().is_v6() != v6) continue;
      tried = true;
      filled = addressing.fill(v6, pool);
      if (filled && by_default && needed) {
        scenario.defaults_used.push_back(plane.name + ": addresses from " + to_string(pool));
      }
    }
    if (!tried) filled = addressing.fill(v6, std::nullopt);
    if (!filled) {
      refuse(by_default ? plane.at : plan.at, "the address pool is too small",
             pool_texts(candidates), "a pool with a /30 per link and a /24 or more per LAN");
    }
  }
}

}  // namespace violin
