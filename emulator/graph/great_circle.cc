#include "emulator/graph/great_circle.hh"

#include <cmath>

namespace violin {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kEarthRadiusMetres = 6'371'008.8;
constexpr double kFibreMetresPerMicrosecond = 299.792'458 * 2 / 3;

// Taylor series on |x| <= pi/4: the first term left out is below 1e-17.
double sine_series(double x) {
  const double square = x * x;
  double sum = 1;
  for (int n = 16; n >= 2; n -= 2) sum = 1 - sum * square / (n * (n + 1));
  return x * sum;
}

double cosine_series(double x) {
  const double square = x * x;
  double sum = 1;
  for (int n = 17; n >= 1; n -= 2) sum = 1 - sum * square / (n * (n + 1));
  return sum;
}

struct Turn {
  int quarters;
};

// sin(degrees + 90 * quarters).
double sine_after(Turn turn, double degrees) {
  // Steps of 90 degrees lose nothing: these subtractions are exact (Sterbenz's lemma).
  for (; degrees > 45; degrees -= 90) ++turn.quarters;
  for (; degrees < -45; degrees += 90) --turn.quarters;
  const double x = degrees * (kPi / 180);
  const double value = (turn.quarters & 1) == 0 ? sine_series(x) : cosine_series(x);
  return (turn.quarters & 2) == 0 ? value : -value;
}

struct Vector {
  double x, y, z;
};

Vector unit_vector(GeoPoint point) {
  const double around = cosine_of_degrees(point.latitude);
  return {around * cosine_of_degrees(point.longitude), around * sine_of_degrees(point.longitude),
          sine_of_degrees(point.latitude)};
}

double length(Vector v) { return std::sqrt(v.x * v.x + v.y * v.y + v.z * v.z); }

}  // namespace

double sine_of_degrees(double degrees) { return sine_after({.quarters = 0}, degrees); }
double cosine_of_degrees(double degrees) { return sine_after({.quarters = 1}, degrees); }

double arctangent(double ratio) {
  if (ratio > 1) return kPi / 2 - arctangent(1 / ratio);
  // atan(t) = 2 atan(t / (1 + sqrt(1 + t^2))); three times brings t below 0.1.
  double scale = 1;
  for (int i = 0; i < 3; ++i, scale *= 2) ratio = ratio / (1 + std::sqrt(1 + ratio * ratio));
  const double square = ratio * ratio;
  double sum = 0;
  for (int n = 19; n >= 1; n -= 2) sum = 1.0 / n - sum * square;
  return scale * ratio * sum;
}

Duration great_circle_delay(GeoPoint from, GeoPoint to) {
  // Half the angle from the chords of u - v and u + v: well conditioned for near and for antipodal
  // places alike.
  const Vector u = unit_vector(from);
  const Vector v = unit_vector(to);
  const double apart = length({u.x - v.x, u.y - v.y, u.z - v.z});
  const double together = length({u.x + v.x, u.y + v.y, u.z + v.z});
  const double half_angle = together == 0 ? kPi / 2 : arctangent(apart / together);
  const double microseconds = 2 * half_angle * kEarthRadiusMetres / kFibreMetresPerMicrosecond;
  return Duration::microseconds(static_cast<int64_t>(microseconds + 0.5));
}

}  // namespace violin
