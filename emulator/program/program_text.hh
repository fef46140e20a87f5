#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hh"

// Reading what a program printed for people: lines of words. Nothing here trusts the text.

namespace violin {

// The lines, without their ends. The last one counts although it has no end: an interrupted
// program leaves half a line, and its readers must be content with that.
std::vector<std::string_view> lines_of(std::string_view text);
// The words between blanks.
std::vector<std::string_view> words_of(std::string_view line);
// Digits only, at most `limit`.
std::optional<int64_t> whole_number(std::string_view word, int64_t limit);
// "0.620" and "ms": nothing when the word is no number of that unit, or below zero.
std::optional<Duration> span_of(std::string_view word, std::string_view unit);
// What a program says about a failure: its last line that is not empty, at most 200 bytes, without
// control characters; "nothing" when there is none.
std::string last_words(std::string_view text);

}  // namespace violin
