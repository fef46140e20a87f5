#pragma once

#include <string>
#include <string_view>
#include <vector>

// The Graph Modelling Language (Himsolt 1997) as a tree: keys with a number, a string or a list of
// keys. Comments start with # at the beginning of a line. Of its ISO 8859-1 entities the five of
// XML and numeric ones are decoded (to UTF-8), others stay as they are written.

namespace violin {

struct GmlItem {
  std::string key;
  std::string text;  // of a number or string
  std::vector<GmlItem> list;
  bool is_list = false;
  int line = 0;
};

inline constexpr int kGmlMaximumDepth = 16;
inline constexpr int kGmlMaximumItems = 2'000'000;

// The top level of a file, or InputError with the line.
std::vector<GmlItem> parse_gml(std::string_view text, const std::string& file_name);

}  // namespace violin
