#include "emulator/scenario/name_range.hh"

#include <algorithm>
#include <cctype>
#include <optional>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

constexpr int64_t kMaxNames = 1'000'000;
constexpr std::string_view kNameForm =
    "a letter, then letters, digits, _ . - without \"--\" or \"..\"";
constexpr std::string_view kRangeForm = "a range as h1..h8, rising, of at most 1000000 names";

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct NumberedName {
  std::string letters;
  std::string digits;
};

NumberedName split_number(std::string_view name) {
  size_t start = name.size();
  while (start > 0 && is_digit(name[start - 1])) --start;
  return {std::string(name.substr(0, start)), std::string(name.substr(start))};
}

std::string padded(int64_t number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace

bool is_name(std::string_view text) {
  constexpr size_t kMaxLength = 200;
  if (text.empty() || text.size() > kMaxLength || !is_letter(text.front())) return false;
  if (text.find("--") != std::string_view::npos || text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
  });
}

void require_name(const Place& place, std::string_view what, std::string_view text) {
  if (!is_name(text)) refuse(place, std::string("not ").append(what), text, kNameForm);
}

bool is_range(std::string_view text) { return text.find("..") != std::string_view::npos; }

std::vector<std::string> expand_names(const Place& place, std::string_view what,
                                      std::string_view text) {
  if (!is_range(text)) {
    require_name(place, what, text);
    return {std::string(text)};
  }
  const size_t dots = text.find("..");
  const NumberedName first = split_number(text.substr(0, dots));
  const NumberedName last = split_number(text.substr(dots + 2));
  const auto from = parse_integer(first.digits);
  const auto to = parse_integer(last.digits);
  if (first.letters != last.letters || !is_name(first.letters + "0") || !from || !to ||
      *to < *from || *to - *from >= kMaxNames) {
    refuse(place, "not a range of names", text, kRangeForm);
  }
  const bool has_zeros = first.digits.size() > 1 && first.digits.front() == '0';
  if (has_zeros && first.digits.size() != last.digits.size()) {
    refuse(place, "not a range of names", text, "as many digits at both ends, as in h01..h12");
  }
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(*to - *from + 1));
  for (int64_t i = *from; i <= *to; ++i) {
    names.push_back(first.letters + padded(i, has_zeros ? first.digits.size() : 0));
  }
  return names;
}

size_t pair_count(const Place& place, size_t first, size_t second) {
  if (first != second && first != 1 && second != 1) {
    refuse(place, "the two ranges cannot be paired",
           std::to_string(first) + " names with " + std::to_string(second),
           "equal lengths (pairs), or one single end (fan-out)");
  }
  return std::max(first, second);
}

}  // namespace violin
