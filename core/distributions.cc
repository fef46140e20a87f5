#include "core/distributions.hh"

#include <algorithm>
#include <array>
#include <limits>

#include "core/check.hh"

namespace violin {
namespace {

using Wide = unsigned __int128;

constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

// Yes with probability exp(-x), x = limit / 2^64 (von Neumann): the chance that uniform numbers
// fall n times in a row, beginning below x, is x^n / n!, and the alternating sum of these is
// exp(-x). Eleven falls in a row are already as rare as 2^-64.
bool falls_even_times(Random& random, uint64_t limit) {
  bool even = true;
  for (uint64_t drawn = random.next(); drawn < limit; drawn = random.next()) {
    limit = drawn;
    even = !even;
  }
  return even;
}

// An exponential deviate of mean 1: the whole part, and the fraction in units of 2^-64.
struct Exponential {
  uint64_t whole = 0;
  uint64_t fraction = 0;
};

// Each attempt draws a fraction and keeps it with probability exp(-fraction); a failed attempt
// counts one up, which happens with probability exp(-1).
Exponential draw_exponential(Random& random) {
  Exponential drawn;
  for (;;) {
    drawn.fraction = random.next();
    if (falls_even_times(random, drawn.fraction)) return drawn;
    ++drawn.whole;
  }
}

// 2^64 x the chance that the whole part of a normal deviate's candidate is at most i, its chances
// being in proportion to exp(-i^2 / 2), i = 0, 1, …; what is left beyond i = 8 is below 2^-64.
constexpr std::array<uint64_t, 9> kWholeParts = {
    0x9202'5b19'482c'e72c, 0xea91'7985'47a0'ef94, 0xfe54'15c6'e9da'4baf,
    0xfff3'5233'1990'8c12, 0xffff'dc31'b8ef'5942, 0xffff'ffda'a2d7'2345,
    0xffff'ffff'f1a2'0da4, 0xffff'ffff'fffd'f76c, 0xffff'ffff'ffff'ffe5};

constexpr int kFractionBits = 48;

// Keeps the candidate k + x with probability exp(-x (2k + x) / 2), as k + 1 trials of the (k +
// 1)-th root of it, whose exponent is below one. x is in units of 2^-48.
bool keeps_candidate(Random& random, uint64_t k, uint64_t x) {
  const Wide exponent = Wide{x} * ((2 * k << kFractionBits) + x) / (2 * k + 2);
  const auto limit = static_cast<uint64_t>(exponent >> (2 * kFractionBits - 64));
  for (uint64_t trial = 0; trial <= k; ++trial) {
    if (!falls_even_times(random, limit)) return false;
  }
  return true;
}

// The greatest of `count` uniform numbers below 2^64: the count-th root of one.
uint64_t greatest_of(Random& random, uint32_t count) {
  uint64_t greatest = 0;
  for (uint32_t i = 0; i < count; ++i) greatest = std::max(greatest, random.next());
  return greatest;
}

}  // namespace

Duration Deviate::of(Duration span) const {
  // Both factors fit 64 bits, so the product has room for the rounding half.
  const __int128 half = __int128{1} << 31;
  const __int128 rounded = (static_cast<__int128>(parts_) * span.ns() + half) >> 32;
  return Duration::nanoseconds(
      static_cast<int64_t>(std::clamp<__int128>(rounded, -kGreatest, kGreatest)));
}

Deviate exponential(Random& random) {
  const Exponential drawn = draw_exponential(random);
  return Deviate::from_parts(static_cast<int64_t>(drawn.whole << 32 | drawn.fraction >> 32));
}

Duration exponential(Random& random, Duration mean) {
  CHECK_COMPARE(mean.ns(), >=, 0);
  const Exponential drawn = draw_exponential(random);
  const Wide span = static_cast<uint64_t>(mean.ns());
  const Wide half = Wide{1} << 63;
  const Wide total = span * drawn.whole + ((span * drawn.fraction + half) >> 64);
  return Duration::nanoseconds(static_cast<int64_t>(std::min<Wide>(total, kGreatest)));
}

Deviate normal(Random& random) {
  for (;;) {
    const uint64_t whole_draw = random.next();
    const auto* part = std::upper_bound(kWholeParts.begin(), kWholeParts.end(), whole_draw);
    const auto k = static_cast<uint64_t>(part - kWholeParts.begin());
    const uint64_t fraction_draw = random.next();
    const uint64_t x = fraction_draw >> (64 - kFractionBits);
    if (!keeps_candidate(random, k, x)) continue;
    const auto magnitude = static_cast<int64_t>((k << kFractionBits | x) >> (kFractionBits - 32));
    // The lowest bit of the draw is not in x.
    return Deviate::from_parts((fraction_draw & 1) != 0 ? -magnitude : magnitude);
  }
}

Deviate pareto(Random& random, ParetoShape shape) {
  CHECK(shape.numerator >= 1 && shape.numerator <= 64);
  CHECK(shape.denominator >= 1 && shape.denominator <= 64);
  // With u uniform, u^(-denominator/numerator) is pareto, and the numerator-th root of u is the
  // greatest of that many uniform numbers.
  const Wide root = Wide{greatest_of(random, shape.numerator)} + 1;  // of 2^64
  Wide value = Wide{Deviate::kOne};
  for (uint32_t i = 0; i < shape.denominator; ++i) {
    value = (value << 64) / root;  // value < 2^63, so nothing is shifted out
    if (value > static_cast<Wide>(kGreatest)) return Deviate::from_parts(kGreatest);
  }
  return Deviate::from_parts(static_cast<int64_t>(value));
}

}  // namespace violin
