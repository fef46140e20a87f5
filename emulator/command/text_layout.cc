#include "emulator/command/text_layout.hh"

#include <algorithm>
#include <utility>

namespace violin {
namespace {

constexpr std::string_view kGap = "  ";
// A last column narrower than this is not wrapped: one word to a line reads worse than a long one.
constexpr size_t kNarrowest = 24;

const std::string& cell_of(const std::vector<std::string>& cells, size_t column) {
  static const std::string kNothing;
  return column < cells.size() ? cells[column] : kNothing;
}

}  // namespace

std::string wrapped(std::string_view first, std::string_view text, size_t width) {
  const size_t indent = text_width(first);
  std::string result(first);
  size_t column = indent;
  bool line_is_empty = true;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    const size_t needed = text_width(word);
    if (!line_is_empty && column + 1 + needed > width) {
      result.append("\n").append(indent, ' ');
      column = indent;
      line_is_empty = true;
    }
    if (!line_is_empty) result += ' ';
    result += word;
    column += needed + (line_is_empty ? 0 : 1);
    line_is_empty = false;
  }
  return result + '\n';
}

std::vector<size_t> TextTable::column_widths() const {
  std::vector<size_t> widths;
  for (const Row& row : rows_) {
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (size_t i = 0; i < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], text_width(row.cells[i]));
    }
  }
  for (size_t i = 0; i < widths.size() && i < headings_.size(); ++i) {
    if (widths[i] > 0) widths[i] = std::max(widths[i], text_width(headings_[i]));
  }
  return widths;
}

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<size_t>& widths, size_t indent) const {
  size_t last = widths.size();
  while (last > 0 && widths[last - 1] == 0) --last;
  std::string text(indent, ' ');
  for (size_t i = 0; i + 1 < last; ++i) {
    if (widths[i] > 0) text.append(padded(cell_of(cells, i), widths[i])).append(kGap);
  }
  const std::string& rest = last == 0 ? cell_of({}, 0) : cell_of(cells, last - 1);
  if (text_width(text) + kNarrowest <= kTerminalColumns && !rest.empty()) {
    return wrapped(text, rest);
  }
  text += rest;
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string TextTable::text(size_t indent) const {
  const std::vector<size_t> widths = column_widths();
  std::string result;
  if (!headings_.empty() && !rows_.empty()) result += line(headings_, widths, indent);
  for (const Row& row : rows_) {
    result += line(row.cells, widths, indent);
    for (const std::string& note : row.notes) {
      result += wrapped(std::string(indent + 4, ' '), note);
    }
  }
  return result;
}

}  // namespace violin
