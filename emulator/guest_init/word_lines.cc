#include "emulator/guest_init/word_lines.hh"

#include <charconv>
#include <cstdint>

namespace violin {
namespace {

// The number before the next newline, which is taken off the bytes with it.
std::optional<size_t> take_size(std::string_view& bytes) {
  const size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto size = decimal_number(bytes.substr(0, end));
  bytes.remove_prefix(end + 1);
  if (!size || *size < 0) return std::nullopt;
  return static_cast<size_t>(*size);
}

std::optional<WordLine> take_line(std::string_view& bytes) {
  const auto count = take_size(bytes);
  // Each word has two bytes at least, so that a count cannot ask for more memory than there is.
  if (!count || *count > bytes.size() / 2) return std::nullopt;
  WordLine words;
  for (size_t i = 0; i < *count; ++i) {
    const auto size = take_size(bytes);
    if (!size || *size > bytes.size()) return std::nullopt;
    words.emplace_back(bytes.substr(0, *size));
    bytes.remove_prefix(*size);
  }
  return words;
}

}  // namespace

void append_words(std::string& bytes, const WordLine& words) {
  bytes += std::to_string(words.size()) + "\n";
  for (const std::string& word : words) bytes += std::to_string(word.size()) + "\n" + word;
}

std::optional<std::vector<WordLine>> parse_words(std::string_view bytes) {
  std::vector<WordLine> lines;
  while (!bytes.empty()) {
    auto line = take_line(bytes);
    if (!line) return std::nullopt;
    lines.push_back(std::move(*line));
  }
  return lines;
}

std::optional<int64_t> decimal_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace violin
