#pragma once

#include <cstdint>

#include "core/random.hh"
#include "core/time.hh"

// Continuous distributions whose draws are equal on every machine: integers and comparisons only,
// no floating point and no libm. None of them is an approximation by table: the exponential is von
// Neumann's comparison method (1951), the normal Karney's (ACM TOMS 42, 2016), and the pareto the
// reciprocal of the greatest of several uniform numbers. What they are exact to is the 2^-32 of a
// Deviate or the nanosecond of a Duration.

namespace violin {

// A number without a unit, in steps of 2^-32, of magnitude below 2^31.
class Deviate {
 public:
  static constexpr int64_t kOne = int64_t{1} << 32;
  constexpr Deviate() = default;
  static constexpr Deviate from_parts(int64_t parts) { return Deviate(parts); }
  constexpr int64_t parts() const { return parts_; }
  // For tests and reports only.
  constexpr double to_double() const {
    return static_cast<double>(parts_) / static_cast<double>(kOne);
  }
  constexpr auto operator<=>(const Deviate&) const = default;

  // This many `span`s, rounded to the nearest nanosecond; bounded by the greatest Duration.
  Duration of(Duration span) const;

 private:
  explicit constexpr Deviate(int64_t parts) : parts_(parts) {}
  int64_t parts_ = 0;
};

// Of mean 1.
Deviate exponential(Random& random);
// The time to the next event of a Poisson process with this mean distance. mean >= 0.
Duration exponential(Random& random, Duration mean);

// Of mean 0 and standard deviation 1.
Deviate normal(Random& random);

// The shape of a pareto distribution as a fraction: 3, or 6/5 as {6, 5}. Both at most 64.
struct ParetoShape {
  uint32_t numerator = 1;
  uint32_t denominator = 1;
};

// At least 1, and above x with probability x^-shape; cut off just below 2^31. The mean is
// shape / (shape - 1) for a shape above 1.
Deviate pareto(Random& random, ParetoShape shape);

}  // namespace violin
