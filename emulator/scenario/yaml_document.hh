#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/scenario/place.hh"

// One YAML 1.2 document as a tree in which every value and every key knows its place in the file.
// yaml-cpp does the parsing; this adds what scenario files need on top of it:
//   - a key that stands twice in a map is an error;
//   - `<<: *map` and `<<: [*map, *map]` are merged: what the map says itself wins, then the first
//     of the merged maps;
//   - keys that begin with `x-` are left out (after their anchors have been seen);
//   - text is kept as written: nothing is a number or a truth value before somebody asks for one;
//   - limits: 64 levels, 256 MiB of text, and aliases may add 20 million values in all, so that
//     a few lines cannot expand to fill the memory.
// Tags are ignored. One file holds one document.

namespace violin {

class YamlValue;
using YamlPointer = std::shared_ptr<YamlValue>;

struct YamlEntry {
  std::string key;
  Place key_place;
  YamlPointer value;
};

// A value of the document; plain data. Aliased values are shared.
class YamlValue {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;                // kScalar
  std::vector<YamlPointer> items;  // kList
  std::vector<YamlEntry> entries;  // kMap, in file order

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  bool is_null() const { return kind == Kind::kNull; }
  // The value of `key`, or nothing. Linear: maps of keys are short, maps of names are iterated.
  const YamlValue* find(std::string_view key) const;
};

// The root of the document in `text`. Throws InputError.
YamlPointer parse_yaml(const std::string& text, const std::string& file);

}  // namespace violin
