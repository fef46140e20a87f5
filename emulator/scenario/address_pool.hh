#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/addresses.hh"

namespace violin {

// Cuts subnets off a block of addresses from its start upward, each aligned to its own size; what
// alignment skips is not used again. Prefixes that are reserved, of either family, are left out.
class AddressPool {
 public:
  AddressPool(IpPrefix pool, std::vector<IpPrefix> reserved);

  // The next free subnet of this length; nothing when the pool is used up.
  std::optional<IpPrefix> cut(int length);

 private:
  IpPrefix pool_;
  std::vector<IpPrefix> reserved_;  // of the pool's family, by address
  size_t next_reserved_ = 0;
  IpAddress next_;
  bool exhausted_ = false;
};

// May an interface have this address: unicast, and neither the network's own nor its broadcast
// address where the prefix leaves room for these (IPv4 up to /30, RFC 3021)?
bool is_host_address(const InterfaceAddress& address);

}  // namespace violin
