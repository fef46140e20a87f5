#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace violin {

// A 48-bit Ethernet address, held in the low bits of an integer in transmission order.
class MacAddress {
 public:
  constexpr MacAddress() = default;
  static constexpr MacAddress from_bits(uint64_t bits) {
    return MacAddress(bits & 0xffff'ffff'ffff);
  }
  static constexpr MacAddress broadcast() { return MacAddress(0xffff'ffff'ffff); }
  // A locally administered unicast address (IEEE 802 U/L bit set) made of 46 bits of `hash`.
  static constexpr MacAddress local_from_hash(uint64_t hash) {
    return MacAddress((hash & 0xfcff'ffff'ffff) | 0x0200'0000'0000);
  }

  constexpr uint64_t bits() const { return bits_; }
  constexpr bool is_group() const {
    return (bits_ >> 40 & 1) != 0;
  }  // I/G bit: multicast, broadcast
  constexpr bool is_broadcast() const { return bits_ == broadcast().bits_; }
  constexpr auto operator<=>(const MacAddress&) const = default;

 private:
  explicit constexpr MacAddress(uint64_t bits) : bits_(bits) {}
  uint64_t bits_ = 0;
};

// An IPv4 or IPv6 address. IPv4 is held as its 32 bits in `low`.
class IpAddress {
 public:
  constexpr IpAddress() = default;  // 0.0.0.0
  static constexpr IpAddress v4(uint32_t bits) { return IpAddress(0, bits, false); }
  static constexpr IpAddress v6(uint64_t high, uint64_t low) { return IpAddress(high, low, true); }
  // Reads dotted-quad or RFC 4291 text; nothing when it is neither.
  static std::optional<IpAddress> parse(std::string_view text);

  constexpr bool is_v6() const { return v6_; }
  constexpr bool is_v4() const { return !v6_; }
  constexpr uint32_t v4_bits() const { return static_cast<uint32_t>(low_); }
  constexpr uint64_t high() const { return high_; }
  constexpr uint64_t low() const { return low_; }
  constexpr int bit_length() const { return v6_ ? 128 : 32; }
  constexpr bool is_unspecified() const { return high_ == 0 && low_ == 0; }
  constexpr bool is_multicast() const { return v6_ ? (high_ >> 56) == 0xff : (low_ >> 28) == 0xe; }
  constexpr bool is_limited_broadcast() const { return !v6_ && low_ == 0xffff'ffff; }
  constexpr auto operator<=>(const IpAddress&) const = default;

  // The address with all but the first `length` bits cleared. 0 <= length <= bit_length().
  constexpr IpAddress masked(int length) const {
    if (!v6_) return v4(length == 0 ? 0 : v4_bits() & (~uint32_t{0} << (32 - length)));
    const uint64_t high_mask = length == 0    ? 0
                               : length >= 64 ? ~uint64_t{0}
                                              : ~uint64_t{0} << (64 - length);
    const uint64_t low_mask = length <= 64    ? 0
                              : length == 128 ? ~uint64_t{0}
                                              : ~uint64_t{0} << (128 - length);
    return v6(high_ & high_mask, low_ & low_mask);
  }
  // This address plus `offset` (wraps inside the family's width).
  constexpr IpAddress plus(uint64_t offset) const {
    if (!v6_) return v4(static_cast<uint32_t>(low_ + offset));
    const uint64_t low = low_ + offset;
    return v6(high_ + (low < low_ ? 1 : 0), low);
  }

 private:
  constexpr IpAddress(uint64_t high, uint64_t low, bool v6) : high_(high), low_(low), v6_(v6) {}
  uint64_t high_ = 0;
  uint64_t low_ = 0;
  bool v6_ = false;
};

// A block of addresses: 10.0.0.0/24, fd00::/64. The host bits are zero.
class IpPrefix {
 public:
  constexpr IpPrefix() = default;
  constexpr IpPrefix(IpAddress address, int length)
      : base_(address.masked(length)), length_(length) {}
  static std::optional<IpPrefix> parse(std::string_view text);

  constexpr IpAddress base() const { return base_; }
  constexpr int length() const { return length_; }
  constexpr bool contains(IpAddress address) const {
    return address.is_v6() == base_.is_v6() && address.masked(length_) == base_;
  }
  constexpr auto operator<=>(const IpPrefix&) const = default;

 private:
  IpAddress base_;
  int length_ = 0;
};

// An address of an interface together with the length of its subnet's prefix: 10.0.0.1/24.
struct InterfaceAddress {
  IpAddress address;
  int prefix_length = 0;

  static std::optional<InterfaceAddress> parse(std::string_view text);
  constexpr IpPrefix prefix() const { return IpPrefix(address, prefix_length); }
  constexpr auto operator<=>(const InterfaceAddress&) const = default;
};

std::string to_string(MacAddress address);  // 02:11:22:33:44:55
std::string to_string(IpAddress address);   // RFC 5952 text for IPv6
std::string to_string(IpPrefix prefix);
std::string to_string(const InterfaceAddress& address);

}  // namespace violin
