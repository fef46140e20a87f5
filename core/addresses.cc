#include "core/addresses.hh"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>

namespace violin {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// The parts of "address/length"; the length is plain decimal digits within the family's width.
std::optional<InterfaceAddress> parse_with_length(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  if (!address || digits.empty() || digits.size() > 3) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  int length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-' ||
      length > address->bit_length()) {
    return std::nullopt;
  }
  return InterfaceAddress{*address, length};
}

std::string v4_text(uint32_t bits) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string(bits >> shift & 0xff);
    if (shift > 0) text += '.';
  }
  return text;
}

std::string group_text(uint16_t group) {
  std::array<char, 4> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), group, 16);
  return error == std::errc() ? std::string(digits.data(), end) : std::string();
}

struct Run {
  int start = 0;
  int length = 0;
};

// The first of the longest runs of zero groups.
Run longest_zero_run(const std::array<uint16_t, 8>& groups) {
  Run best, current;
  for (int i = 0; i < 8; ++i) {
    current =
        groups[i] == 0 ? Run{current.length == 0 ? i : current.start, current.length + 1} : Run{};
    if (current.length > best.length) best = current;
  }
  return best;
}

// RFC 5952: lower case, the longest run of at least two zero groups as "::", no leading zeros, and
// the dotted quad for IPv4-mapped addresses (section 5).
std::string v6_text(IpAddress address) {
  if (address.high() == 0 && address.low() >> 32 == 0xffff) {
    return "::ffff:" + v4_text(static_cast<uint32_t>(address.low()));
  }
  std::array<uint16_t, 8> groups{};
  for (int i = 0; i < 8; ++i) {
    const uint64_t half = i < 4 ? address.high() : address.low();
    groups[i] = static_cast<uint16_t>(half >> (48 - 16 * (i % 4)));
  }
  const Run zeros = longest_zero_run(groups);
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (zeros.length >= 2 && i == zeros.start) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += group_text(groups[i]);
  }
  return text;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(copy.data(), text.data(), text.size());
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, copy.data(), bytes.data()) == 1) {
    uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) bits = bits << 8 | bytes[i];
    return v4(bits);
  }
  if (inet_pton(AF_INET6, copy.data(), bytes.data()) != 1) return std::nullopt;
  uint64_t high = 0, low = 0;
  for (int i = 0; i < 8; ++i) high = high << 8 | bytes[i];
  for (int i = 8; i < 16; ++i) low = low << 8 | bytes[i];
  return v6(high, low);
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const auto parsed = parse_with_length(text);
  if (!parsed || parsed->prefix().base() != parsed->address) return std::nullopt;
  return parsed->prefix();
}

std::optional<InterfaceAddress> InterfaceAddress::parse(std::string_view text) {
  return parse_with_length(text);
}

std::string to_string(MacAddress address) {
  std::string text;
  for (int shift = 44; shift >= 0; shift -= 4) {
    text += kHexDigits[address.bits() >> shift & 0xf];
    if (shift > 0 && shift % 8 == 0) text += ':';
  }
  return text;
}

std::string to_string(IpAddress address) {
  return address.is_v4() ? v4_text(address.v4_bits()) : v6_text(address);
}

std::string to_string(IpPrefix prefix) {
  return to_string(prefix.base()) + "/" + std::to_string(prefix.length());
}

std::string to_string(const InterfaceAddress& address) {
  return to_string(address.address) + "/" + std::to_string(address.prefix_length);
}

}  // namespace violin
