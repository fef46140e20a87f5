#include "emulator/program/program_text.hh"

#include <algorithm>
#include <charconv>

#include "core/units.hh"

namespace violin {
namespace {

constexpr size_t kWordsMax = 200;  // bytes of a program's last words

std::vector<std::string_view> pieces_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (true) {
    const size_t begin = text.find_first_not_of(separators);
    if (begin == std::string_view::npos) return pieces;
    text.remove_prefix(begin);
    pieces.push_back(text.substr(0, text.find_first_of(separators)));
    text.remove_prefix(pieces.back().size());
  }
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) { return pieces_of(text, "\r\n"); }
std::vector<std::string_view> words_of(std::string_view line) { return pieces_of(line, " \t"); }

std::optional<int64_t> whole_number(std::string_view word, int64_t limit) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  if (value < 0 || value > limit) return std::nullopt;
  return value;
}

std::optional<Duration> span_of(std::string_view word, std::string_view unit) {
  // What the parser of scenarios would also take: signs and blanks, which no program prints.
  if (word.empty() || word.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;
  }
  try {
    return parse_duration(std::string(word) + " " + std::string(unit));
  } catch (const UnitError&) {
    return std::nullopt;
  }
}

std::string last_words(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.empty()) return "nothing";
  std::string words(lines.back().substr(0, kWordsMax));
  std::replace_if(
      words.begin(), words.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  return words;
}

}  // namespace violin
