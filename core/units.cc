#include "core/units.hh"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

namespace violin {
namespace {

using Wide = unsigned __int128;

// A decimal number as written: whole + fraction / 10^digits. The limits on digits keep `whole` in
// 64 bits and every product below in 128.
struct Decimal {
  uint64_t whole = 0;
  uint64_t fraction = 0;
  int digits = 0;
  bool negative = false;
};

struct Unit {
  std::string_view name;
  uint64_t scale;
};

constexpr int kMaxWholeDigits = 19;
constexpr int kMaxFractionDigits = 18;

constexpr std::array<Unit, 6> kTimeUnits = {{{"ns", 1},
                                             {"us", 1'000},
                                             {"ms", 1'000'000},
                                             {"s", 1'000'000'000},
                                             {"min", 60'000'000'000},
                                             {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 10> kRateUnits = {{{"bit/s", 1},
                                              {"kbit/s", 1'000},
                                              {"Mbit/s", 1'000'000},
                                              {"Gbit/s", 1'000'000'000},
                                              {"bit", 1},
                                              {"kbit", 1'000},
                                              {"Mbit", 1'000'000},
                                              {"Gbit", 1'000'000'000},
                                              {"mbit", 1'000'000},
                                              {"gbit", 1'000'000'000}}};
constexpr std::array<Unit, 7> kByteUnits = {{{"B", 1},
                                             {"kB", 1'000},
                                             {"MB", 1'000'000},
                                             {"GB", 1'000'000'000},
                                             {"KiB", 1 << 10},
                                             {"MiB", 1 << 20},
                                             {"GiB", 1 << 30}}};

constexpr std::string_view kTimeForms = "a number and ns, us, ms, s, min or h, as in \"10 ms\"";
constexpr std::string_view kRateForms =
    "a number and bit/s, kbit/s, Mbit/s or Gbit/s (or tc's kbit, mbit, gbit), as in \"100 Mbit/s\"";
constexpr std::string_view kByteForms =
    "a number and B, kB, MB, GB, KiB, MiB or GiB, as in \"64 KiB\"";
constexpr std::string_view kPercentForms = "0 % to 100 %, as in \"0.5 %\"";
constexpr std::string_view kFrequencyForms = "a positive number and /s, as in \"5 /s\"";

// Hostile text is quoted only this far.
constexpr size_t kMaxQuoted = 80;

[[noreturn]] void fail(std::string_view problem, std::string_view text, std::string_view allowed) {
  std::string message(problem);
  message.append(": ").append(text.substr(0, kMaxQuoted)).append("; allowed: ").append(allowed);
  throw UnitError(message);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

uint64_t power_of_ten(int exponent) {
  uint64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// Takes digits off the front of `text`; nothing when there are none or too many to be exact.
std::optional<uint64_t> take_digits(std::string_view& text, int max, int& count) {
  uint64_t value = 0;
  count = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (++count > max) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(text.front() - '0');
    text.remove_prefix(1);
  }
  if (count == 0) return std::nullopt;
  return value;
}

// Takes a number off the front of `text` and leaves the unit.
std::optional<Decimal> take_number(std::string_view& text) {
  Decimal number;
  text = trimmed(text);
  if (!text.empty() && text.front() == '-') {
    number.negative = true;
    text.remove_prefix(1);
  }
  int count = 0;
  const auto whole = take_digits(text, kMaxWholeDigits, count);
  if (!whole) return std::nullopt;
  number.whole = *whole;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const auto fraction = take_digits(text, kMaxFractionDigits, count);
    if (!fraction) return std::nullopt;
    number.fraction = *fraction;
    number.digits = count;
  }
  text = trimmed(text);
  return number;
}

// number x numerator / denominator rounded to nearest, halves up; nothing when above `max`.
std::optional<uint64_t> scaled(const Decimal& number, uint64_t numerator, uint64_t denominator,
                               uint64_t max) {
  if (number.whole > (Wide{max} * denominator) / numerator) return std::nullopt;
  const uint64_t power = power_of_ten(number.digits);
  const Wide total = (Wide{number.whole} * power + number.fraction) * numerator;
  const Wide divisor = Wide{denominator} * power;
  const Wide rounded = (total + divisor / 2) / divisor;
  if (rounded > max) return std::nullopt;
  return static_cast<uint64_t>(rounded);
}

struct Kind {
  std::string_view problem;
  std::string_view forms;
};

// The value in the base unit; negative only if the caller allows it.
int64_t parse_quantity(std::string_view text, std::span<const Unit> units, const Kind& kind) {
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number) fail(kind.problem, text, kind.forms);
  if (rest.empty()) fail("a unit is missing", text, kind.forms);
  for (const Unit& unit : units) {
    if (unit.name != rest) continue;
    const auto value = scaled(*number, unit.scale, 1, std::numeric_limits<int64_t>::max());
    if (!value) fail("out of range", text, kind.forms);
    const auto magnitude = static_cast<int64_t>(*value);
    return number->negative ? -magnitude : magnitude;
  }
  fail(kind.problem, text, kind.forms);
}

// `value` / `scale` in decimal without trailing zeros; exact, for scale is a power of ten.
std::string decimal_text(uint64_t value, uint64_t scale) {
  std::string text = std::to_string(value / scale);
  uint64_t rest = value % scale;
  if (rest == 0) return text;
  text += '.';
  for (uint64_t place = scale / 10; rest > 0; place /= 10) {
    text += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return text;
}

// In the largest of `units` (ascending powers of a thousand) that is not above the value.
std::string quantity_text(int64_t value, std::span<const Unit> units, std::string_view zero) {
  if (value == 0) return std::string(zero);
  const bool negative = value < 0;
  const uint64_t magnitude =
      negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  size_t best = 0;
  for (size_t i = 0; i < units.size() && units[i].scale <= magnitude; ++i) best = i;
  std::string text = (negative ? "-" : "") + decimal_text(magnitude, units[best].scale);
  return text.append(" ").append(units[best].name);
}

}  // namespace

Duration parse_duration(std::string_view text) {
  return Duration::nanoseconds(parse_quantity(text, kTimeUnits, {"not a duration", kTimeForms}));
}

BitRate parse_bit_rate(std::string_view text) {
  const std::string_view ambiguous[] = {"bps", "kbps", "Kbps", "Mbps", "Gbps", "mbps", "gbps"};
  std::string_view rest = text;
  if (take_number(rest)) {
    for (const std::string_view unit : ambiguous) {
      if (rest != unit) continue;
      fail("bps may mean bits (iperf) or bytes (tc) per second", text, kRateForms);
    }
  }
  const int64_t value = parse_quantity(text, kRateUnits, {"not a bit rate", kRateForms});
  if (value < 0) fail("a bit rate cannot be negative", text, kRateForms);
  return BitRate::bits_per_second(value);
}

Bytes parse_bytes(std::string_view text) {
  const int64_t value = parse_quantity(text, kByteUnits, {"not a number of bytes", kByteForms});
  if (value < 0) fail("a number of bytes cannot be negative", text, kByteForms);
  return Bytes(value);
}

Probability parse_probability(std::string_view text) {
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number) fail("not a probability", text, kPercentForms);
  if (rest.empty()) fail("a unit is missing", text, kPercentForms);
  if (rest != "%") fail("not a probability", text, kPercentForms);
  const auto parts = scaled(*number, Probability::kOne, 100, Probability::kOne);
  const bool above = number->whole > 100 || (number->whole == 100 && number->fraction > 0);
  if (!parts || above || number->negative) fail("out of range", text, kPercentForms);
  return Probability::from_parts(*parts);
}

double parse_frequency(std::string_view text) {
  std::string_view rest = text;
  const auto number = take_number(rest);
  // A billionth is fine enough, and the shortest text of such a double has no more decimals.
  constexpr int kMaxDecimals = 9;
  if (!number || rest != "/s" || number->digits > kMaxDecimals) {
    fail("not a frequency", text, kFrequencyForms);
  }
  const std::string_view digits = trimmed(trimmed(text).substr(0, trimmed(text).find('/')));
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (number->negative || value <= 0) fail("not a frequency", text, kFrequencyForms);
  return value;
}

std::string to_string(Duration value) {
  return quantity_text(value.ns(), std::span(kTimeUnits).first(4), "0 s");
}

std::string to_string(Time value) { return to_string(value - Time::zero()); }

std::string to_string(BitRate value) {
  return quantity_text(value.bps(), std::span(kRateUnits).first(4), "0 bit/s");
}

std::string to_string(Bytes value) {
  const Unit* best = &kByteUnits[0];
  int64_t smallest = value.count();
  for (const Unit& unit : kByteUnits) {
    const auto scale = static_cast<int64_t>(unit.scale);
    if (value.count() == 0 || value.count() % scale != 0) continue;
    const int64_t count = value.count() / scale;
    if ((count < 0 ? -count : count) >= (smallest < 0 ? -smallest : smallest)) continue;
    smallest = count;
    best = &unit;
  }
  return std::to_string(smallest).append(" ").append(best->name);
}

std::string to_string(Probability value) {
  // Ten digits of a percentage are finer than the resolution, so the loop always returns.
  for (int digits = 0; digits <= 10; ++digits) {
    const uint64_t power = power_of_ten(digits);
    const Wide percent =
        (Wide{value.parts()} * 100 * power + Probability::kOne / 2) / Probability::kOne;
    const Wide divisor = Wide{100} * power;
    const Wide back = (percent * Probability::kOne + divisor / 2) / divisor;
    if (back == value.parts()) return decimal_text(static_cast<uint64_t>(percent), power) + " %";
  }
  return std::to_string(value.parts()) + "/2^32";
}

}  // namespace violin
