#pragma once

#include "core/time.hh"

namespace violin {

// A place on Earth, in degrees: latitude -90 to 90 (north positive), longitude -180 to 180 (east).
struct GeoPoint {
  double latitude = 0;
  double longitude = 0;
};

// The time light takes in fibre along the great circle between two places, rounded to 1 us: a
// sphere of 6371.0088 km (the IUGG mean radius; against the ellipsoid up to 0.6 % off) at 2/3 of
// the speed of light in vacuum. Real fibre takes detours, so this is a lower bound on what one
// would measure, typically by a factor of 1.2 to 2.
//
// The result is the same on every machine: it uses only + - * / and sqrt of IEEE 754 doubles, which
// are exactly rounded, and own series instead of the libm of the day. The angle is within 1e-14
// of the true one (in radians, tested), 4e-10 us of delay. Needs -ffp-contract=off.
Duration great_circle_delay(GeoPoint from, GeoPoint to);

// The parts, in the same arithmetic, for tests.
double sine_of_degrees(double degrees);    // |degrees| <= 180
double cosine_of_degrees(double degrees);  // |degrees| <= 180
double arctangent(double ratio);           // ratio >= 0; radians

}  // namespace violin
