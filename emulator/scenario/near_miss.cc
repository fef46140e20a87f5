#include "emulator/scenario/near_miss.hh"

#include <algorithm>
#include <cctype>

namespace violin {
namespace {

// Names are bounded here so that a hostile word cannot make the quadratic distance slow.
constexpr size_t kMaxLetters = 64;
constexpr size_t kMaxCandidates = 20'000;

std::string lower_case(std::string_view text) {
  std::string lower(text.substr(0, kMaxLetters));
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// Optimal string alignment distance (Damerau-Levenshtein without editing a swapped pair again).
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> two_back(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, previous[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_back[j - 2] + 1);
      }
    }
    two_back.swap(previous);
    previous.swap(row);
  }
  return previous[b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = lower_case(word);
  size_t best_distance = std::min<size_t>(3, std::max<size_t>(1, wanted.size() / 3)) + 1;
  std::string best;
  for (size_t i = 0; i < candidates.size() && i < kMaxCandidates; ++i) {
    const std::string candidate = lower_case(candidates[i]);
    const size_t longer = std::max(candidate.size(), wanted.size());
    const size_t shorter = std::min(candidate.size(), wanted.size());
    if (longer - shorter >= best_distance) continue;
    const size_t found = distance(wanted, candidate);
    if (found < best_distance && found < longer) {
      best_distance = found;
      best = candidates[i];
    }
  }
  return best;
}

}  // namespace violin
