#pragma once

#include <string>
#include <string_view>

// Names of metrics as people write and sort them.

namespace violin {

// What a `*` stands for: in the language of expectations one or more characters of one part of a
// name, so that vm.*.goodput means the members of vm and nothing else; on a command line one or
// more characters of any kind, since there the reader sees what was found.
enum class Star { kWithinPart, kAnything };

// Does `pattern` match all of `text`? Parts of names end at dots and slashes.
bool matches_pattern(std::string_view pattern, std::string_view text,
                     Star star = Star::kWithinPart);

// vm.2 before vm.10: runs of digits compare as numbers, the rest as text.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace violin
