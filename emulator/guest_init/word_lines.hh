#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace violin {

// Lists of words as bytes, any bytes in a word: each list is the number of its words in decimal, a
// newline, and for each word its size, a newline, and the word.
using WordLine = std::vector<std::string>;

void append_words(std::string& bytes, const WordLine& words);
// Nothing when the bytes are not such lists from beginning to end.
std::optional<std::vector<WordLine>> parse_words(std::string_view bytes);

// A whole number, "-12" or "12", and nothing else in the text.
std::optional<int64_t> decimal_number(std::string_view text);

}  // namespace violin
