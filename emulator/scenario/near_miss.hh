#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace violin {

// The candidate that `word` is most likely a slip of: at most a third of its letters (and at most
// three) inserted, left out, replaced or swapped with a neighbour, case not counted. Empty when
// none is that near. For messages only; the first of equally near candidates is taken.
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace violin
