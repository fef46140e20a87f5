#include "emulator/results/estimate_format.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace violin {
namespace {

// Beyond this a mean shows nothing but the rounding of doubles.
constexpr int kDecimalsMax = 9;

// The decimal place of the second significant digit: 2 for 0.28, -1 for 340.
int second_digit(double interval) {
  int place = 1 - static_cast<int>(std::floor(std::log10(interval)));
  // 0.0996 is 0.10 in two digits, which is one place less.
  const double unit = std::pow(10, -place);
  if (std::round(interval / unit) >= 100) --place;
  return std::min(place, kDecimalsMax);
}

std::string rounded(double value, int place) {
  if (place >= 0) return fmt::format("{:.{}f}", value, place);
  const double unit = std::pow(10, -place);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

}  // namespace

EstimateFormat::EstimateFormat(Unit unit, const std::vector<Estimate>& estimates)
    : unit_(unit), largest_(Quantity::of(0, unit)) {
  for (const Estimate& estimate : estimates) {
    if (estimate.samples == 0) continue;
    const double size = std::fabs(Quantity::of(estimate.mean, unit).value);
    largest_.value = std::max(largest_.value, size);
  }
}

std::string EstimateFormat::text(const Estimate& estimate) const {
  if (estimate.samples == 0) return "no value";
  const DisplayUnit shown = display_unit(largest_);
  const double mean = Quantity::of(estimate.mean, unit_).value / shown.scale;
  const double half = Quantity::of(estimate.ci95.value_or(0), unit_).value / shown.scale;
  std::string text;
  if (!estimate.ci95) {
    text = number_text(mean);
  } else if (half == 0) {
    text = number_text(mean) + " ± 0";
  } else {
    const int place = second_digit(half);
    text = rounded(mean, place) + " ± " + rounded(half, place);
  }
  if (!shown.name.empty()) text.append(" ").append(shown.name);
  return text;
}

std::string EstimateFormat::signed_text(const Estimate& estimate) const {
  const std::string text = this->text(estimate);
  return estimate.samples > 0 && estimate.mean > 0 ? "+" + text : text;
}

std::string no_interval_note(const std::vector<Estimate>& estimates) {
  const auto is_single = [](const Estimate& estimate) { return estimate.samples == 1; };
  if (std::none_of(estimates.begin(), estimates.end(), is_single)) return "";
  const bool all = std::all_of(estimates.begin(), estimates.end(), [&](const Estimate& estimate) {
    return estimate.samples == 0 || is_single(estimate);
  });
  return all ? "n = 1 throughout: no intervals" : "without ±: n = 1, no interval";
}

}  // namespace violin
