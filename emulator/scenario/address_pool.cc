#include "emulator/scenario/address_pool.hh"

#include <algorithm>
#include <utility>

namespace violin {
namespace {

using Wide = unsigned __int128;

Wide to_wide(IpAddress address) {
  return address.is_v4() ? Wide{address.v4_bits()} : Wide{address.high()} << 64 | address.low();
}

IpAddress from_wide(Wide value, bool v6) {
  if (!v6) return IpAddress::v4(static_cast<uint32_t>(value));
  return IpAddress::v6(static_cast<uint64_t>(value >> 64), static_cast<uint64_t>(value));
}

// The highest address of a prefix.
Wide last_of(IpPrefix prefix) {
  const int host_bits = prefix.base().bit_length() - prefix.length();
  const Wide hosts = host_bits == 128 ? ~Wide{0} : (Wide{1} << host_bits) - 1;
  return to_wide(prefix.base()) | hosts;
}

}  // namespace

AddressPool::AddressPool(IpPrefix pool, std::vector<IpPrefix> reserved)
    : pool_(pool), reserved_(std::move(reserved)), next_(pool.base()) {
  const bool v6 = pool.base().is_v6();
  reserved_.erase(std::remove_if(reserved_.begin(), reserved_.end(),
                                 [v6](const IpPrefix& p) { return p.base().is_v6() != v6; }),
                  reserved_.end());
  std::sort(reserved_.begin(), reserved_.end());
}

std::optional<IpPrefix> AddressPool::cut(int length) {
  if (exhausted_ || length < pool_.length()) return std::nullopt;
  const bool v6 = pool_.base().is_v6();
  const int host_bits = pool_.base().bit_length() - length;
  const Wide mask = (Wide{1} << host_bits) - 1;
  const Wide end = last_of(pool_);
  Wide base = to_wide(next_);
  while (true) {
    if (base > end || base + mask < base) break;
    base = (base + mask) & ~mask;
    if (base > end) break;
    // Reserved prefixes that end before the candidate are passed for good.
    while (next_reserved_ < reserved_.size() && last_of(reserved_[next_reserved_]) < base) {
      ++next_reserved_;
    }
    if (next_reserved_ == reserved_.size() ||
        to_wide(reserved_[next_reserved_].base()) > base + mask) {
      const Wide after = base + mask + 1;
      exhausted_ = after > end || after == 0;
      next_ = from_wide(after, v6);
      return IpPrefix(from_wide(base, v6), length);
    }
    const Wide after = last_of(reserved_[next_reserved_]) + 1;
    if (after == 0) break;
    base = std::max(after, base + 1);
  }
  exhausted_ = true;
  return std::nullopt;
}

bool is_host_address(const InterfaceAddress& address) {
  const IpAddress ip = address.address;
  if (ip.is_multicast() || ip.is_unspecified() || ip.is_limited_broadcast()) return false;
  const IpPrefix prefix = address.prefix();
  const int host_bits = ip.bit_length() - prefix.length();
  if (host_bits < 2) return true;
  if (ip == prefix.base()) return false;
  return ip.is_v6() || to_wide(ip) != last_of(prefix);
}

}  // namespace violin
