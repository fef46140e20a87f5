#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Text in aligned columns. Widths are in characters of UTF-8 text, one column each: "±" is two
// bytes but one character. (Combining and wide characters are not used in names here.)

namespace violin {

// Characters of `text`.
size_t text_width(std::string_view text);

// `text` with spaces behind it up to `width`; never cut.
std::string padded(std::string_view text, size_t width);

// Rows of cells in columns, each as wide as its widest cell, two spaces between; nothing is wrapped
// or left out. Every line starts with `indent` spaces and ends in a newline.
std::string aligned_rows(const std::vector<std::vector<std::string>>& rows, size_t indent = 0);

}  // namespace violin
