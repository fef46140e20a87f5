#pragma once

#include <compare>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/time.hh"

// Quantities other than time. Text form: a number, an optional space and a unit, as Shadow and
// `tc` write them: "100 Mbit/s", "100mbit", "64 KiB", "0.5 %", "10 ms". A missing unit is an error,
// and so is "Mbps" (megabits or megabytes? `tc` and iperf disagree).

namespace violin {

// A count of bytes.
class Bytes {
 public:
  constexpr Bytes() = default;
  explicit constexpr Bytes(int64_t count) : count_(count) {}
  constexpr int64_t count() const { return count_; }
  constexpr int64_t bits() const { return count_ * 8; }
  constexpr auto operator<=>(const Bytes&) const = default;
  constexpr Bytes operator+(Bytes other) const { return Bytes(count_ + other.count_); }
  constexpr Bytes operator-(Bytes other) const { return Bytes(count_ - other.count_); }
  constexpr Bytes& operator+=(Bytes other) { return *this = *this + other; }
  constexpr Bytes& operator-=(Bytes other) { return *this = *this - other; }

 private:
  int64_t count_ = 0;
};

// A transmission rate in bits per second of L2 frame (see models/link/serialiser.hh); zero =
// unlimited.
class BitRate {
 public:
  constexpr BitRate() = default;
  static constexpr BitRate bits_per_second(int64_t value) { return BitRate(value); }
  static constexpr BitRate megabits_per_second(int64_t v) { return BitRate(v * 1'000'000); }
  constexpr int64_t bps() const { return bps_; }
  constexpr bool unlimited() const { return bps_ == 0; }
  constexpr auto operator<=>(const BitRate&) const = default;

 private:
  explicit constexpr BitRate(int64_t value) : bps_(value) {}
  int64_t bps_ = 0;
};

// A probability in units of 2^-32, so that comparing with 32 random bits is exact, 0 never happens
// and 1 always does. Resolution 2.3e-10.
class Probability {
 public:
  static constexpr uint64_t kOne = uint64_t{1} << 32;
  constexpr Probability() = default;
  static constexpr Probability from_parts(uint64_t parts) { return Probability(parts); }
  static constexpr Probability never() { return Probability(0); }
  static constexpr Probability always() { return Probability(kOne); }
  // Rounded to the nearest unit; `numerator` <= `denominator` < 2^32.
  static constexpr Probability ratio(uint64_t numerator, uint64_t denominator) {
    return Probability((numerator * kOne + denominator / 2) / denominator);
  }
  constexpr uint64_t parts() const { return parts_; }
  constexpr bool is_never() const { return parts_ == 0; }
  constexpr double to_double() const {
    return static_cast<double>(parts_) / static_cast<double>(kOne);
  }
  constexpr auto operator<=>(const Probability&) const = default;

 private:
  explicit constexpr Probability(uint64_t parts) : parts_(parts) {}
  uint64_t parts_ = 0;
};

// Text that is not a quantity of the wanted kind; what() says the text and what is allowed.
class UnitError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Each parser reads the whole text or throws UnitError. Fractions are exact to the unit's
// resolution (nanosecond, byte, bit per second, 2^-32), rounded to nearest.
Duration parse_duration(std::string_view text);  // ns us ms s min h
BitRate parse_bit_rate(std::string_view text);   // bit/s kbit/s Mbit/s Gbit/s, tc's kbit mbit gbit
Bytes parse_bytes(std::string_view text);        // B kB MB GB KiB MiB GiB
Probability parse_probability(std::string_view text);  // 0 % to 100 %
double parse_frequency(std::string_view text);         // 5 /s -> events per second

// The shortest exact text that the parsers read back: "1.5 ms", "100 Mbit/s", "64 KiB", "0.5 %".
std::string to_string(Duration value);
std::string to_string(Time value);
std::string to_string(BitRate value);
std::string to_string(Bytes value);
std::string to_string(Probability value);

}  // namespace violin
