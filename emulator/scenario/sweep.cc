#include "emulator/scenario/sweep.hh"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/parameters.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

constexpr size_t kMaxPoints = 100'000;

// What one key of one point is set to.
struct Setting {
  std::string key;
  std::string text;
  Place place;
};
using Row = std::vector<Setting>;

void check_size(const Place& place, size_t points) {
  if (points > kMaxPoints) throw InputError(place, "the sweep has more than 100000 points");
}

// The numbers of "1..10".
std::vector<std::string> range_values(const YamlValue& value) {
  const std::string& text = value.text;
  const size_t dots = text.find("..");
  const auto from = parse_unsigned(std::string_view(text).substr(0, dots));
  const auto to = parse_unsigned(
      dots == std::string::npos ? std::string_view() : std::string_view(text).substr(dots + 2));
  if (!from || !to || *to < *from) {
    refuse(value.place, "not the values of a sweep", text, "a list, or a range as 1..10");
  }
  if (*to - *from >= kMaxPoints) check_size(value.place, kMaxPoints + 1);
  std::vector<std::string> values;
  for (uint64_t i = 0; i <= *to - *from; ++i) values.push_back(std::to_string(*from + i));
  return values;
}

std::vector<Setting> axis_settings(const YamlEntry& entry) {
  const YamlValue& value = *entry.value;
  std::vector<Setting> axis;
  if (value.is_scalar()) {
    for (std::string& text : range_values(value)) {
      axis.push_back({entry.key, std::move(text), value.place});
    }
    return axis;
  }
  if (!value.is_list() || value.items.empty()) {
    throw InputError(value.place, "a swept key takes a list or a range as 1..10: " + entry.key);
  }
  for (const YamlPointer& item : value.items) {
    axis.push_back({entry.key, read_text(*item, entry.key), item->place});
  }
  return axis;
}

std::vector<Row> product_rows(const YamlValue& sweep) {
  std::vector<Row> rows = {{}};
  for (const YamlEntry& entry : sweep.entries) {
    const std::vector<Setting> axis = axis_settings(entry);
    check_size(entry.key_place, rows.size() * axis.size());
    std::vector<Row> longer;
    for (const Row& row : rows) {
      for (const Setting& setting : axis) {
        longer.push_back(row);
        longer.back().push_back(setting);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

std::vector<Row> listed_rows(const YamlValue& sweep) {
  check_size(sweep.place, sweep.items.size());
  std::vector<Row> rows;
  for (const YamlPointer& item : sweep.items) {
    if (!item->is_map()) throw InputError(item->place, "a row of a sweep is a map of parameters");
    Row row;
    for (const YamlEntry& entry : item->entries) {
      row.push_back({entry.key, read_text(*entry.value, entry.key), entry.value->place});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> rows_of(const YamlValue* sweep) {
  if (sweep == nullptr || sweep->is_null()) return {{}};
  if (sweep->is_map()) return product_rows(*sweep);
  if (sweep->is_list() && !sweep->items.empty()) return listed_rows(*sweep);
  throw InputError(sweep->place, "sweep must be a map of lists, or a list of maps");
}

uint64_t read_seed(const Place& place, const std::string& text) {
  const auto seed = parse_unsigned(text);
  if (!seed) refuse(place, "not a seed", text, "a whole number from 0 to 18446744073709551615");
  return *seed;
}

SweepPoint make_point(const Row& row, uint64_t seed, const Overrides& overrides,
                      const std::vector<std::string>& names) {
  SweepPoint point;
  point.seed = seed;
  for (const Setting& setting : row) {
    if (setting.key == "seed") {
      const uint64_t swept = read_seed(setting.place, setting.text);
      if (!overrides.seed) point.seed = swept;
      continue;
    }
    if (std::find(names.begin(), names.end(), setting.key) == names.end()) {
      refuse_word(setting.place, "a swept key must be seed or a parameter", setting.key, names);
    }
    if (overrides.params.count(setting.key) == 0) point.params[setting.key] = setting.text;
  }
  return point;
}

// The name in front of "=" in one part of a selector.
std::string_view name_of_part(std::string_view part) {
  constexpr std::string_view kSpace = " \t";
  part = part.substr(0, part.find('='));
  const size_t begin = std::min(part.find_first_not_of(kSpace), part.size());
  return part.substr(begin, part.find_last_not_of(kSpace) + 1 - begin);
}

// Whether a {selector} of the expectation names this key: "a.b{crypt=none, seed=3} >= 1 ms".
bool selects_by(std::string_view text, std::string_view key) {
  for (size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    std::string_view parts = text.substr(open + 1, text.find('}', open) - open - 1);
    while (!parts.empty()) {
      const std::string_view part = parts.substr(0, parts.find(','));
      if (name_of_part(part) == key) return true;
      parts.remove_prefix(std::min(part.size() + 1, parts.size()));
    }
  }
  return false;
}

bool is_fixed(const std::string& key, const Overrides& overrides) {
  return key == "seed" ? overrides.seed.has_value() : overrides.params.count(key) > 0;
}

// An expectation about the values of a key cannot be judged in a sweep that no longer varies it.
void refuse_selectors_of_fixed_keys(const YamlValue& root, const std::vector<Row>& rows,
                                    const Overrides& overrides) {
  std::set<std::string> fixed;
  for (const Row& row : rows) {
    for (const Setting& setting : row) {
      if (is_fixed(setting.key, overrides)) fixed.insert(setting.key);
    }
  }
  for (const YamlValue* item : read_items(root.find("expect"))) {
    const YamlValue* check = item->is_map() ? item->find("check") : item;
    if (check == nullptr || !check->is_scalar()) continue;
    for (const std::string& key : fixed) {
      if (!selects_by(check->text, key)) continue;
      throw InputError(check->place,
                       "this expectation selects by " + key +
                           ", to which the command line gives one value: leave that away, or run "
                           "one point with --single, where {selectors} are not judged");
    }
  }
}

}  // namespace

std::vector<SweepPoint> sweep_points(const ScenarioSource& source, const Overrides& overrides) {
  const YamlPointer root = parse_yaml(source.text, source.file);
  if (!root->is_map()) throw InputError(root->place, "a scenario must be a map of keys");
  const Parameters parameters(root->find("params"), overrides.params, source.file);
  std::vector<std::string> names;
  for (const auto& [name, value] : parameters.values()) names.push_back(name);

  uint64_t seed = 1;
  const YamlValue* given = root->find("seed");
  if (given != nullptr && given->is_scalar()) {
    seed = read_seed(given->place, parameters.substitute(given->text, given->place));
  }
  if (overrides.seed) seed = *overrides.seed;

  std::vector<SweepPoint> points;
  std::map<std::pair<std::map<std::string, std::string>, uint64_t>, bool> made;
  const std::vector<Row> rows = rows_of(root->find("sweep"));
  for (const Row& row : rows) {
    SweepPoint point = make_point(row, seed, overrides, names);
    if (made.emplace(std::pair(point.params, point.seed), true).second) {
      points.push_back(std::move(point));
    }
  }
  if (points.size() > 1 && !overrides.is_single) {
    refuse_selectors_of_fixed_keys(*root, rows, overrides);
  }
  return points;
}

}  // namespace violin
