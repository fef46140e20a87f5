#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hh"
#include "core/units.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/yaml_document.hh"

// Reading typed values out of a YamlValue. Each function takes `what`, the key's name, for its
// messages, and throws InputError with the place, the value and what is allowed.

namespace violin {

// A map whose keys are fixed: anything but `allowed` is refused when it is made, with the nearest
// allowed key. Holds a reference to the value.
class YamlMap {
 public:
  // `what` names the map in messages: "a link".
  YamlMap(const YamlValue& value, std::string what, std::vector<std::string> allowed);

  const Place& place() const { return value_.place; }
  bool has(std::string_view key) const { return value_.find(key) != nullptr; }
  // Nothing when the key is not there. A key without a value counts as not there.
  const YamlValue* find(std::string_view key) const;
  const YamlValue& require(std::string_view key) const;

 private:
  const YamlValue& value_;
  std::string what_;
};

// The entries of a map of names (nodes, violins …); an absent value is no entries.
const std::vector<YamlEntry>& read_entries(const YamlValue* value, std::string_view what);
// The items of a list; an absent value is none, a single scalar or map is a list of one.
std::vector<const YamlValue*> read_items(const YamlValue* value);

const std::string& read_text(const YamlValue& value, std::string_view what);
Duration read_duration(const YamlValue& value, std::string_view what);  // not negative
BitRate read_bit_rate(const YamlValue& value, std::string_view what);   // above zero
Bytes read_bytes(const YamlValue& value, std::string_view what);
// The end of a message about a size with a wrong unit: `; did you mean "64 kB"?` for "64 KB", which
// may mean 1000 or 1024; empty where no unit is near.
std::string size_hint(std::string_view text);
Probability read_probability(const YamlValue& value, std::string_view what);
double read_frequency(const YamlValue& value, std::string_view what);
bool read_bool(const YamlValue& value, std::string_view what);       // true | false
double read_decimal(const YamlValue& value, std::string_view what);  // 40.5, a pure number

struct IntegerRange {
  int64_t min = 0;
  int64_t max = 0;
};
int64_t read_integer(const YamlValue& value, std::string_view what, IntegerRange range);

// One word of several; the index into `words`.
size_t read_word(const YamlValue& value, std::string_view what,
                 const std::vector<std::string>& words);

// The whole of `text` as a decimal integer; nothing when it is not one or does not fit.
std::optional<int64_t> parse_integer(std::string_view text);
std::optional<uint64_t> parse_unsigned(std::string_view text);

}  // namespace violin
