#include "emulator/graph/graph_attribute.hh"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace violin {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_in_any_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

std::optional<BitRate> rate_from_number(std::optional<double> number, double unit) {
  constexpr double kLargest = 1e15;
  if (!number || !(*number * unit >= 1) || !(*number * unit <= kLargest)) return std::nullopt;
  return BitRate::bits_per_second(static_cast<int64_t>(*number * unit + 0.5));
}

double unit_of_link_speed(const GraphAttribute* attribute) {
  const std::string_view text = attribute == nullptr ? "" : trimmed(attribute->value);
  if (text.empty()) return 1;
  switch (lower(text.front())) {
    case 'k':
      return 1e3;
    case 'm':
      return 1e6;
    case 'g':
      return 1e9;
    case 't':
      return 1e12;
    default:
      return 0;  // Makes no rate.
  }
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

const GraphAttribute* find_attribute(const std::vector<GraphAttribute>& attributes,
                                     std::string_view key) {
  for (const GraphAttribute& attribute : attributes) {
    if (equal_in_any_case(attribute.key, key) && !trimmed(attribute.value).empty())
      return &attribute;
  }
  return nullptr;
}

std::optional<double> number_of(const GraphAttribute* attribute) {
  if (attribute == nullptr) return std::nullopt;
  const std::string_view text = trimmed(attribute->value);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<BitRate> link_speed_of(const std::vector<GraphAttribute>& attributes) {
  const std::optional<double> exact = number_of(find_attribute(attributes, "LinkSpeedRaw"));
  if (const auto rate = rate_from_number(exact, 1)) return rate;
  const double unit = unit_of_link_speed(find_attribute(attributes, "LinkSpeedUnits"));
  return rate_from_number(number_of(find_attribute(attributes, "LinkSpeed")), unit);
}

}  // namespace violin
