#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace violin::testing {

// The bytes written as hexadecimal digits, two for each; spaces and line ends are skipped.
inline std::vector<std::byte> from_hex(std::string_view text) {
  const auto value = [](char digit) {
    return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
  };
  std::vector<std::byte> bytes;
  std::string digits;
  for (const char c : text) {
    if (c != ' ' && c != '\n') digits += c;
  }
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(value(digits[i]) * 16 + value(digits[i + 1])));
  }
  return bytes;
}

inline std::string to_hex(std::span<const std::byte> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes) {
    text += kDigits[static_cast<size_t>(b) / 16];
    text += kDigits[static_cast<size_t>(b) % 16];
  }
  return text;
}

}  // namespace violin::testing
