#include <algorithm>

#include "emulator/results/plot.hh"

// What plots do to long curves.

namespace violin {

std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points,
                                               size_t buckets) {
  if (points.size() <= 2 * buckets) return points;
  std::vector<std::pair<double, double>> kept;
  kept.reserve(2 * buckets);
  for (size_t i = 0; i < buckets; ++i) {
    const auto from = points.begin() + static_cast<std::ptrdiff_t>(points.size() * i / buckets);
    const auto to = points.begin() + static_cast<std::ptrdiff_t>(points.size() * (i + 1) / buckets);
    auto [low, high] = std::minmax_element(
        from, to, [](const auto& a, const auto& b) { return a.second < b.second; });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
  }
  return kept;
}

}  // namespace violin
