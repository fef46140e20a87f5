#include "emulator/results/drop_plot.hh"

#include <algorithm>
#include <array>

namespace violin {
namespace {

// More bars than have room for their names.
constexpr size_t kPlacesMax = 10;

struct DropPlace {
  std::string name;
  DropCounts drops{};
};

// Where most was dropped, worst first.
std::vector<DropPlace> drop_places(const RunResult& result) {
  std::vector<DropPlace> places;
  for (const LinkResult& link : result.links) {
    places.push_back({direction_name(link, true), link.a_to_b.drops});
    places.push_back({direction_name(link, false), link.b_to_a.drops});
  }
  for (const NodeResult& node : result.nodes) places.push_back({node.name, node.drops});
  std::stable_sort(places.begin(), places.end(), [](const DropPlace& a, const DropPlace& b) {
    return total(a.drops) > total(b.drops);
  });
  if (places.size() > kPlacesMax) places.resize(kPlacesMax);
  while (!places.empty() && total(places.back().drops) == 0) places.pop_back();
  return places;
}

// The reasons for which anything was dropped there, the most frequent first: it stands lowest.
std::vector<size_t> reasons_by_count(const std::vector<DropPlace>& places) {
  std::array<uint64_t, kDropReasonCount> counts{};
  std::vector<size_t> reasons;
  for (size_t reason = 0; reason < kDropReasonCount; ++reason) {
    for (const DropPlace& place : places) counts[reason] += place.drops[reason];
    if (counts[reason] > 0) reasons.push_back(reason);
  }
  std::stable_sort(reasons.begin(), reasons.end(),
                   [&](size_t a, size_t b) { return counts[a] > counts[b]; });
  return reasons;
}

}  // namespace

Plot drop_plot(const RunResult& result) {
  std::vector<DropPlace> places = drop_places(result);
  const std::vector<size_t> reasons = reasons_by_count(places);
  Panel panel;
  panel.y_label = "frames dropped";
  panel.is_stacked = true;
  for (const DropPlace& place : places) panel.x_names.push_back(place.name);
  for (const size_t reason : reasons) {
    Curve curve;
    curve.name = name_of(static_cast<DropReason>(reason));
    curve.style = Curve::Style::kBars;
    for (size_t i = 0; i < places.size(); ++i) {
      curve.points.emplace_back(i, static_cast<double>(places[i].drops[reason]));
    }
    panel.curves.push_back(std::move(curve));
  }
  Plot plot;
  plot.name = "drops";
  if (!panel.curves.empty()) plot.panels.push_back(std::move(panel));
  return plot;
}

}  // namespace violin
