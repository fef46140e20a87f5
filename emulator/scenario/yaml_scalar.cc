#include "emulator/scenario/yaml_scalar.hh"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace violin {
namespace {

// What a reader could take for something other than text, or could not read back.
bool is_plain(std::string_view text) {
  const std::string_view safe_everywhere = "_./+-%$ >=<()@^;*~";
  const std::string_view safe_first = "_./$(";
  if (text.empty() || text == "~" || text.back() == ' ') return false;
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (!is_word(text.front()) && safe_first.find(text.front()) == std::string_view::npos) {
    return false;
  }
  for (const char c : text) {
    if (!is_word(c) && safe_everywhere.find(c) == std::string_view::npos) return false;
  }
  std::string lower(text.substr(0, 8));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string_view special[] = {"null", "true", "false", "yes", "no", "on", "off"};
  return std::find(std::begin(special), std::end(special), lower) == std::end(special);
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\x";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 0xf];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace violin
