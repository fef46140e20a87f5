#include "emulator/results/text_columns.hh"

#include <algorithm>

namespace violin {
namespace {

constexpr std::string_view kGap = "  ";

}  // namespace

size_t text_width(std::string_view text) {
  // Every byte but the continuation bytes 10xxxxxx starts a character.
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string padded(std::string_view text, size_t width) {
  std::string result(text);
  const size_t now = text_width(text);
  if (now < width) result.append(width - now, ' ');
  return result;
}

std::string aligned_rows(const std::vector<std::vector<std::string>>& rows, size_t indent) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], text_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < row.size(); ++i) line.append(padded(row[i], widths[i])).append(kGap);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace violin
