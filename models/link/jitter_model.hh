#pragma once

#include <cstdint>

#include "core/distributions.hh"
#include "core/random.hh"
#include "core/time.hh"
#include "models/link/wire_spec.hh"

namespace violin {

// How far each frame's delay is from the nominal one: a signed deviation of mean 0, in whole
// nanoseconds. Whether frames may overtake each other is the wire's affair, and so is that no delay
// is negative.
//
// The distributions, each of mean 0 and of the standard deviation asked for:
// - kUniform: over [-stddev, +stddev); `stddev` is the half-width, as netem has it;
// - kNormal;
// - kPareto: of shape 3 (minimum 1, mean 3/2, variance 3/4), shifted and scaled;
// - kParetoNormal: a quarter of a normal plus three quarters of a pareto deviate, independent of
// each
//   other, scaled by 4 / sqrt(10).
//
// Where netem differs: its distributions are tables of 4096 quantiles (iproute2, netem/*.c) that
// end at +4 standard deviations and beyond which nothing is drawn; its pareto is scaled by 4/3
// where 2/sqrt(3) gives the deviation asked for, so its spread is 15 % larger; its paretonormal
// adds a normal and a pareto deviate of equal rank, not independent ones; and with correlation it
// averages neighbours, which makes the spread smaller than asked for. Here x' = rho x + sqrt(1 -
// rho^2) y in fixed point keeps mean and standard deviation, and the correlation at distance k is
// rho^k. (Only the normal distribution keeps its shape in such sums; the others drift towards it as
// rho grows.)
class JitterModel {
 public:
  JitterModel() = default;  // no jitter
  explicit JitterModel(const JitterSpec& spec);

  bool is_none() const { return spec_.stddev == Duration(); }
  Duration draw(Random& random);

 private:
  Deviate independent(Random& random) const;

  JitterSpec spec_;
  int64_t fresh_share_ = 0;  // sqrt(1 - rho^2) in units of 2^-32
  Deviate last_;
  bool begun_ = false;
};

}  // namespace violin
