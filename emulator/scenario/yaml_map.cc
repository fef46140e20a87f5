#include "emulator/scenario/yaml_map.hh"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "emulator/scenario/near_miss.hh"

namespace violin {
namespace {

std::string_view kind_text(const YamlValue& value) {
  switch (value.kind) {
    case YamlValue::Kind::kNull:
      return "nothing";
    case YamlValue::Kind::kScalar:
      return value.text;
    case YamlValue::Kind::kList:
      return "a list";
    case YamlValue::Kind::kMap:
      return "a map";
  }
  return "";
}

// Runs one of core/units' parsers and gives its complaint a place.
template <typename Parser>
auto parse_at(const YamlValue& value, std::string_view what, Parser parser) {
  try {
    return parser(read_text(value, what));
  } catch (const UnitError& error) {
    throw InputError(value.place, std::string(what) + ": " + error.what());
  }
}

template <typename Integer>
std::optional<Integer> parse_whole(std::string_view text) {
  Integer number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

YamlMap::YamlMap(const YamlValue& value, std::string what, std::vector<std::string> allowed)
    : value_(value), what_(std::move(what)) {
  if (!value.is_map() && !value.is_null()) {
    std::string keys;
    for (const std::string& key : allowed) keys += (keys.empty() ? "" : ", ") + key;
    refuse(value.place, what_ + " must be a map", kind_text(value), keys);
  }
  for (const YamlEntry& entry : value.entries) {
    if (std::find(allowed.begin(), allowed.end(), entry.key) == allowed.end()) {
      refuse_word(entry.key_place, "unknown key in " + what_, entry.key, allowed);
    }
  }
}

const YamlValue* YamlMap::find(std::string_view key) const {
  const YamlValue* found = value_.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const YamlValue& YamlMap::require(std::string_view key) const {
  const YamlValue* found = find(key);
  if (found == nullptr) {
    throw InputError(place(), what_ + " needs the key \"" + std::string(key) + "\"");
  }
  return *found;
}

const std::vector<YamlEntry>& read_entries(const YamlValue* value, std::string_view what) {
  static const std::vector<YamlEntry> kNone;
  if (value == nullptr || value->is_null()) return kNone;
  if (!value->is_map()) refuse(value->place, what, kind_text(*value), "a map of names");
  return value->entries;
}

std::vector<const YamlValue*> read_items(const YamlValue* value) {
  std::vector<const YamlValue*> items;
  if (value == nullptr || value->is_null()) return items;
  if (!value->is_list()) return {value};
  for (const YamlPointer& item : value->items) items.push_back(item.get());
  return items;
}

const std::string& read_text(const YamlValue& value, std::string_view what) {
  if (!value.is_scalar()) refuse(value.place, what, kind_text(value), "one value");
  return value.text;
}

Duration read_duration(const YamlValue& value, std::string_view what) {
  const Duration duration = parse_at(value, what, parse_duration);
  if (duration < Duration()) {
    refuse(value.place, what, value.text, "a duration that is not negative");
  }
  return duration;
}

BitRate read_bit_rate(const YamlValue& value, std::string_view what) {
  const BitRate rate = parse_at(value, what, parse_bit_rate);
  if (rate.bps() == 0) {
    refuse(value.place, what, value.text, "a rate above zero; to stop a link use an event down");
  }
  return rate;
}

std::string size_hint(std::string_view text) {
  const size_t unit = std::min(text.find_first_not_of("0123456789. \t"), text.size());
  if (unit == 0) return "";
  const std::string near =
      nearest_word(text.substr(unit), {"B", "kB", "MB", "GB", "KiB", "MiB", "GiB"});
  if (near.empty() || near == text.substr(unit)) return "";
  return "; did you mean \"" + std::string(text.substr(0, unit)) + near + "\"?";
}

Bytes read_bytes(const YamlValue& value, std::string_view what) {
  try {
    return parse_bytes(read_text(value, what));
  } catch (const UnitError& error) {
    throw InputError(value.place, std::string(what) + ": " + error.what() + size_hint(value.text));
  }
}

Probability read_probability(const YamlValue& value, std::string_view what) {
  return parse_at(value, what, parse_probability);
}

double read_frequency(const YamlValue& value, std::string_view what) {
  return parse_at(value, what, parse_frequency);
}

bool read_bool(const YamlValue& value, std::string_view what) {
  return read_word(value, what, {"false", "true"}) == 1;
}

double read_decimal(const YamlValue& value, std::string_view what) {
  const std::string& text = read_text(value, what);
  const auto number = parse_whole<double>(text);
  if (!number || !std::isfinite(*number)) refuse(value.place, what, text, "a number");
  return *number;
}

int64_t read_integer(const YamlValue& value, std::string_view what, IntegerRange range) {
  const std::string& text = read_text(value, what);
  const auto number = parse_integer(text);
  if (!number || *number < range.min || *number > range.max) {
    refuse(value.place, what, text,
           "a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max));
  }
  return *number;
}

size_t read_word(const YamlValue& value, std::string_view what,
                 const std::vector<std::string>& words) {
  const std::string& text = read_text(value, what);
  const auto found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) refuse_word(value.place, what, text, words);
  return static_cast<size_t>(found - words.begin());
}

std::optional<int64_t> parse_integer(std::string_view text) { return parse_whole<int64_t>(text); }

std::optional<uint64_t> parse_unsigned(std::string_view text) {
  return parse_whole<uint64_t>(text);
}

}  // namespace violin
