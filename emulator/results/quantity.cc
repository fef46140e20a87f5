#include "emulator/results/quantity.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "core/check.hh"

namespace violin {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

struct UnitFacts {
  Unit unit;
  Dimension dimension;
  double scale;
  std::string_view suffix;
  std::string_view name;
};

constexpr std::array<UnitFacts, 8> kUnits = {{
    {Unit::kCount, {0, 0}, 1, "", ""},
    {Unit::kShare, {0, 0}, 1, "_share", "share"},
    {Unit::kBitRate, {1, -1}, 1, "_bps", "bit/s"},
    {Unit::kDuration, {0, 1}, 1, "_ns", "ns"},
    {Unit::kBytes, {1, 0}, 8, "_bytes", "B"},
    {Unit::kFrequency, {0, -1}, 1, "_per_s", "/s"},
    {Unit::kSeconds, {0, 1}, kNanosecondsPerSecond, "_s", "s"},
    {Unit::kName, {0, 0}, 1, "", "name"},
}};

const UnitFacts& facts_of(Unit unit) {
  const UnitFacts& facts = kUnits[static_cast<size_t>(unit)];
  CHECK(facts.unit == unit);
  return facts;
}

// A unit as literals and tables spell it.
struct Spelling {
  std::string_view name;
  Unit unit;
  double factor;  // units of `unit`
};

constexpr std::array<Spelling, 25> kSpellings = {{
    {"ns", Unit::kDuration, 1},
    {"us", Unit::kDuration, 1e3},
    {"ms", Unit::kDuration, 1e6},
    {"s", Unit::kDuration, 1e9},
    {"min", Unit::kDuration, 60e9},
    {"h", Unit::kDuration, 3600e9},
    {"bit/s", Unit::kBitRate, 1},
    {"kbit/s", Unit::kBitRate, 1e3},
    {"Mbit/s", Unit::kBitRate, 1e6},
    {"Gbit/s", Unit::kBitRate, 1e9},
    {"bit", Unit::kBitRate, 1},
    {"kbit", Unit::kBitRate, 1e3},
    {"Mbit", Unit::kBitRate, 1e6},
    {"Gbit", Unit::kBitRate, 1e9},
    {"mbit", Unit::kBitRate, 1e6},
    {"gbit", Unit::kBitRate, 1e9},
    {"B", Unit::kBytes, 1},
    {"kB", Unit::kBytes, 1e3},
    {"MB", Unit::kBytes, 1e6},
    {"GB", Unit::kBytes, 1e9},
    {"KiB", Unit::kBytes, 1024},
    {"MiB", Unit::kBytes, 1048576},
    {"GiB", Unit::kBytes, 1073741824},
    {"%", Unit::kShare, 0.01},
    {"/s", Unit::kFrequency, 1},
}};

// What people read, ascending, in base units.
struct Step {
  double scale;
  std::string_view name;
};
constexpr std::array<Step, 4> kTimeSteps = {{{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}}};
constexpr std::array<Step, 4> kRateSteps = {
    {{1, "bit/s"}, {1e3, "kbit/s"}, {1e6, "Mbit/s"}, {1e9, "Gbit/s"}}};
constexpr std::array<Step, 4> kDataSteps = {{{8, "B"}, {8e3, "kB"}, {8e6, "MB"}, {8e9, "GB"}}};
constexpr std::array<Step, 1> kFrequencySteps = {{{1, "/s"}}};
constexpr std::array<Step, 1> kShareSteps = {{{0.01, "%"}}};
constexpr std::array<Step, 1> kPlainSteps = {{{1, ""}}};

// The base unit of this power of time, in powers of a nanosecond.
double base_of_time(int power) { return power < 0 ? std::pow(kNanosecondsPerSecond, power) : 1; }

std::span<const Step> steps_for(const Quantity& quantity) {
  const Dimension dimension = quantity.dimension;
  if (dimension == Dimension{0, 1}) return kTimeSteps;
  if (dimension == Dimension{1, -1}) return kRateSteps;
  if (dimension == Dimension{1, 0}) return kDataSteps;
  if (dimension == Dimension{0, -1}) return kFrequencySteps;
  if (quantity.is_share && dimension == Dimension{}) return kShareSteps;
  return kPlainSteps;
}

// The largest step that the value, once rounded, is not below: 999.96 kbit/s reads 1 Mbit/s.
const Step& step_for(const Quantity& quantity, int digits) {
  const std::span<const Step> steps = steps_for(quantity);
  const double magnitude = std::fabs(quantity.value) * (1 + 0.5 * std::pow(10, -digits));
  size_t best = 0;
  for (size_t i = 0; i < steps.size() && steps[i].scale <= magnitude; ++i) best = i;
  return steps[best];
}

}  // namespace

Dimension dimension_of(Unit unit) { return facts_of(unit).dimension; }
double scale_of(Unit unit) { return facts_of(unit).scale; }
std::string_view suffix_of(Unit unit) { return facts_of(unit).suffix; }
std::string_view name_of(Unit unit) { return facts_of(unit).name; }

std::string describe(Dimension dimension) {
  if (dimension == Dimension{}) return "a plain number";
  if (dimension == Dimension{1, -1}) return "a rate (bit/s)";
  if (dimension == Dimension{0, 1}) return "a time (ms, s)";
  if (dimension == Dimension{1, 0}) return "an amount of data (B)";
  if (dimension == Dimension{0, -1}) return "a frequency (/s)";
  return fmt::format("data^{} time^{}", dimension.data, dimension.time);
}

Quantity product(const Quantity& a, const Quantity& b) {
  Quantity result;
  result.dimension = {a.dimension.data + b.dimension.data, a.dimension.time + b.dimension.time};
  result.value = a.value * b.value * base_of_time(a.dimension.time) *
                 base_of_time(b.dimension.time) / base_of_time(result.dimension.time);
  result.is_share = a.is_share || b.is_share;
  return result;
}

Quantity quotient(const Quantity& a, const Quantity& b) {
  Quantity result;
  result.dimension = {a.dimension.data - b.dimension.data, a.dimension.time - b.dimension.time};
  result.value = a.value / b.value * base_of_time(a.dimension.time) /
                 base_of_time(b.dimension.time) / base_of_time(result.dimension.time);
  result.is_share = a.is_share && !b.is_share;
  return result;
}

std::optional<Quantity> make_quantity(double number, std::string_view unit) {
  if (unit.empty()) return Quantity::of(number, Unit::kCount);
  for (const Spelling& spelling : kSpellings) {
    if (spelling.name == unit) return Quantity::of(number * spelling.factor, spelling.unit);
  }
  return std::nullopt;
}

std::string_view quantity_units() {
  return "ns, us, ms, s, min, h, bit/s, kbit/s, Mbit/s, Gbit/s, B, kB, MB, GB, KiB, MiB, GiB, %, "
         "/s "
         "or none for a plain number";
}

std::string to_text(const Quantity& quantity, int digits) {
  const Step& step = step_for(quantity, digits);
  std::string text = number_text(quantity.value / step.scale, digits);
  if (!step.name.empty()) text.append(" ").append(step.name);
  return text;
}

DisplayUnit display_unit(const Quantity& like, int digits) {
  const Step& step = step_for(like, digits);
  return {step.scale, step.name};
}

std::string number_text(double number, int digits) {
  // Whole numbers below a million stay whole whatever `digits` says.
  const double magnitude = std::fabs(number);
  if (magnitude < 1e6 && number == std::floor(number))
    return fmt::format("{:.0f}", magnitude == 0 ? 0 : number);
  if (!(magnitude >= 1e-6 && magnitude < 1e15)) return fmt::format("{:.{}g}", number, digits);
  const int before_point = static_cast<int>(std::floor(std::log10(magnitude))) + 1;
  std::string text = fmt::format("{:.{}f}", number, std::max(digits - before_point, 0));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string to_signed_text(const Quantity& quantity, int digits) {
  return (quantity.value > 0 ? "+" : "") + to_text(quantity, digits);
}

std::string to_text(double value, Unit unit, int digits) {
  return to_text(Quantity::of(value, unit), digits);
}

}  // namespace violin
