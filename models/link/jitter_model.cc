#include "models/link/jitter_model.hh"

#include <algorithm>

#include "core/check.hh"

namespace violin {
namespace {

constexpr int64_t kHalf = int64_t{1} << 31;

// In units of 2^-32.
constexpr int64_t kTwoOverRootThree = 0x1'279a'7459;
constexpr int64_t kOneOverRootTen = 0x50f4'4d89;

// left x right in units of 2^-32, rounded to the nearest.
int64_t multiply(int64_t left, int64_t right) {
  return static_cast<int64_t>((static_cast<__int128>(left) * right + kHalf) >> 32);
}

// The greatest root with root^2 <= value.
uint64_t integer_root(unsigned __int128 value) {
  uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const uint64_t candidate = root | uint64_t{1} << bit;
    if (static_cast<unsigned __int128>(candidate) * candidate <= value) root = candidate;
  }
  return root;
}

// Sixteen million: what lies beyond has a probability of 2^-72, and sums below stay in 64 bits.
constexpr int64_t kParetoMost = Deviate::kOne << 24;

// A pareto deviate of shape 3, whose mean is 3/2 and variance 3/4, brought to mean 0 and
// variance 1.
int64_t standard_pareto(Random& random) {
  const Deviate tail = pareto(random, {.numerator = 3, .denominator = 1});
  const int64_t drawn = std::min(tail.parts(), kParetoMost);
  return multiply(drawn - 3 * Deviate::kOne / 2, kTwoOverRootThree);
}

}  // namespace

JitterModel::JitterModel(const JitterSpec& spec) : spec_(spec) {
  CHECK_COMPARE(spec.stddev.ns(), >=, 0);
  const auto rho = static_cast<unsigned __int128>(spec.correlation.parts());
  const auto one = static_cast<unsigned __int128>(Probability::kOne);
  fresh_share_ = static_cast<int64_t>(integer_root(one * one - rho * rho));
}

Deviate JitterModel::independent(Random& random) const {
  switch (spec_.distribution) {
    case JitterSpec::Distribution::kUniform:
      return Deviate::from_parts(static_cast<int64_t>(random.next() >> 31) - Deviate::kOne);
    case JitterSpec::Distribution::kNormal:
      return normal(random);
    case JitterSpec::Distribution::kPareto:
      return Deviate::from_parts(standard_pareto(random));
    case JitterSpec::Distribution::kParetoNormal: {
      const int64_t bell = normal(random).parts();
      return Deviate::from_parts(multiply(bell + 3 * standard_pareto(random), kOneOverRootTen));
    }
  }
  CHECK(false);
}

Duration JitterModel::draw(Random& random) {
  if (is_none()) return {};
  Deviate drawn = independent(random);
  if (!spec_.correlation.is_never() && begun_) {
    const auto rho = static_cast<int64_t>(spec_.correlation.parts());
    drawn =
        Deviate::from_parts(multiply(rho, last_.parts()) + multiply(fresh_share_, drawn.parts()));
  }
  last_ = drawn;
  begun_ = true;
  return drawn.of(spec_.stddev);
}

}  // namespace violin
