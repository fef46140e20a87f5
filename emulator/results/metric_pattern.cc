#include "emulator/results/metric_pattern.hh"

namespace violin {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text, Star star) {
  // Iterative with one level of backtracking: linear enough, and no recursion for hostile patterns.
  const auto may_stand_for = [star](char c) {
    return star == Star::kAnything || (c != '.' && c != '/');
  };
  size_t p = 0;
  size_t t = 0;
  size_t last_star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*' && may_stand_for(text[t])) {
      last_star = p++;
      star_text = ++t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == text[t] && pattern[p] != '*') {
      ++p;
      ++t;
      continue;
    }
    const bool can_widen = last_star != std::string_view::npos && star_text < text.size() &&
                           may_stand_for(text[star_text]);
    if (!can_widen) return false;
    p = last_star + 1;
    t = ++star_text;
  }
  return p == pattern.size();
}

bool natural_less(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
      continue;
    }
    const size_t a_start = i;
    const size_t b_start = j;
    while (i < a.size() && is_digit(a[i])) ++i;
    while (j < b.size() && is_digit(b[j])) ++j;
    if (i - a_start != j - b_start) return i - a_start < j - b_start;
    const int order = a.substr(a_start, i - a_start).compare(b.substr(b_start, j - b_start));
    if (order != 0) return order < 0;
  }
  return a.size() - i < b.size() - j;
}

}  // namespace violin
