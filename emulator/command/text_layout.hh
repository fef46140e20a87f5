#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/results/text_columns.hh"

// Text for terminals: aligned columns and wrapped paragraphs, as the commands print them. Widths
// are in characters of UTF-8 text (one column each; combining and wide characters are not used in
// names here).

namespace violin {

inline constexpr size_t kTerminalColumns = 100;

// Breaks `text` at spaces into lines of at most `width` characters. The first line starts with
// `first`, the others with as many spaces as that is wide. A word that is too long stays whole.
// Every line ends in a newline.
std::string wrapped(std::string_view first, std::string_view text, size_t width = kTerminalColumns);

// Rows of cells, each column as wide as its widest cell, two spaces between; columns that are empty
// in every row are left out, heading and all. The last column is wrapped under itself when a row
// would be longer than the terminal.
class TextTable {
 public:
  // Without headings (an empty list) there is no heading line.
  explicit TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells) { rows_.push_back({std::move(cells), {}}); }
  // A line of its own under the row that was added last, wrapped and set off; for what few rows
  // have.
  void add_note(std::string note) { rows_.back().notes.push_back(std::move(note)); }
  bool empty() const { return rows_.empty(); }

  // Every line starts with `indent` spaces and ends in a newline.
  std::string text(size_t indent) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<std::string> notes;
  };
  std::vector<size_t> column_widths() const;
  std::string line(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                   size_t indent) const;

  std::vector<std::string> headings_;
  std::vector<Row> rows_;
};

}  // namespace violin
