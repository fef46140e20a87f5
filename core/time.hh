#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace violin {

// A span of time in whole nanoseconds; may be negative as the difference of two instants.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanoseconds(int64_t value) { return Duration(value); }
  static constexpr Duration microseconds(int64_t value) { return Duration(value * 1'000); }
  static constexpr Duration milliseconds(int64_t value) { return Duration(value * 1'000'000); }
  static constexpr Duration seconds(int64_t value) { return Duration(value * 1'000'000'000); }
  static constexpr Duration max() { return Duration(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t ns() const { return ns_; }
  // For reports and plots only: models compute in whole nanoseconds.
  constexpr double to_seconds() const { return static_cast<double>(ns_) * 1e-9; }
  constexpr double to_milliseconds() const { return static_cast<double>(ns_) * 1e-6; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return Duration(ns_ + other.ns_); }
  constexpr Duration operator-(Duration other) const { return Duration(ns_ - other.ns_); }
  constexpr Duration operator-() const { return Duration(-ns_); }
  constexpr Duration operator*(int64_t factor) const { return Duration(ns_ * factor); }
  constexpr Duration operator/(int64_t divisor) const { return Duration(ns_ / divisor); }
  constexpr int64_t operator/(Duration other) const { return ns_ / other.ns_; }
  constexpr Duration operator%(Duration other) const { return Duration(ns_ % other.ns_); }
  constexpr Duration& operator+=(Duration other) { return *this = *this + other; }
  constexpr Duration& operator-=(Duration other) { return *this = *this - other; }

 private:
  explicit constexpr Duration(int64_t value) : ns_(value) {}
  int64_t ns_ = 0;
};

// An instant of scenario time: nanoseconds since time 0, when every node is ready. Negative during
// bootstrap. Nothing in core/ or models/ can ask what time it is: whoever needs it is told.
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time from_ns(int64_t value) { return Time(value); }
  static constexpr Time zero() { return Time(0); }
  // Later than every instant of a run.
  static constexpr Time never() { return Time(std::numeric_limits<int64_t>::max()); }
  // Earlier than every instant of a run.
  static constexpr Time beginning() { return Time(std::numeric_limits<int64_t>::min()); }

  constexpr int64_t ns() const { return ns_; }
  constexpr double to_seconds() const { return static_cast<double>(ns_) * 1e-9; }

  constexpr auto operator<=>(const Time&) const = default;
  constexpr Time operator+(Duration span) const { return Time(ns_ + span.ns()); }
  constexpr Time operator-(Duration span) const { return Time(ns_ - span.ns()); }
  constexpr Duration operator-(Time other) const { return Duration::nanoseconds(ns_ - other.ns_); }
  constexpr Time& operator+=(Duration span) { return *this = *this + span; }

 private:
  explicit constexpr Time(int64_t value) : ns_(value) {}
  int64_t ns_ = 0;
};

namespace literals {
constexpr Duration operator""_ns(unsigned long long v) {
  return Duration::nanoseconds(static_cast<int64_t>(v));
}
constexpr Duration operator""_us(unsigned long long v) {
  return Duration::microseconds(static_cast<int64_t>(v));
}
constexpr Duration operator""_ms(unsigned long long v) {
  return Duration::milliseconds(static_cast<int64_t>(v));
}
constexpr Duration operator""_s(unsigned long long v) {
  return Duration::seconds(static_cast<int64_t>(v));
}
}  // namespace literals

}  // namespace violin
