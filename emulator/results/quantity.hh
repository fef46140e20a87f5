#pragma once

#include <optional>
#include <string>
#include <string_view>

// A number with a dimension, as expectations compute with: data and time, nothing else is measured
// here. Base units are bit and nanosecond, but per second where time divides, so that times, sizes,
// counts and rates are all whole numbers and sums of them exact; a share is a plain number,
// 1 % = 0.01.

namespace violin {

// Powers of data and time: {1, -1} is a rate, {0, 0} a plain number.
struct Dimension {
  int data = 0;
  int time = 0;
  bool operator==(const Dimension&) const = default;
};

// What one metric, CSV column or literal is given in.
// kName is no number at all but the name of a node; expectations may only compare it with another.
enum class Unit { kCount, kShare, kBitRate, kDuration, kBytes, kFrequency, kSeconds, kName };

Dimension dimension_of(Unit unit);
// One of this unit in base units.
double scale_of(Unit unit);
// What a column of it ends in: "" (count), "_share", "_bps", "_ns", "_bytes", "_per_s", "_s".
std::string_view suffix_of(Unit unit);
// For tables: "", "share", "bit/s", "ns", "B", "/s", "s", "name".
std::string_view name_of(Unit unit);
// For messages: "a rate (bit/s)", "a time", "a plain number" …
std::string describe(Dimension dimension);

struct Quantity {
  double value = 0;  // in base units
  Dimension dimension;
  bool is_share = false;  // a plain number that people read as a percentage

  static Quantity of(double value, Unit unit) {
    return {value * scale_of(unit), dimension_of(unit), unit == Unit::kShare};
  }
};

Quantity product(const Quantity& a, const Quantity& b);
// `b` must not be 0.
Quantity quotient(const Quantity& a, const Quantity& b);

// A literal, "70 Mbit/s", "0.5 %", "12": the number and the unit behind it ("" for none). Nothing
// when there is no such unit.
std::optional<Quantity> make_quantity(double number, std::string_view unit);
// Every unit that make_quantity takes, for messages.
std::string_view quantity_units();

// For people: "64.2 Mbit/s", "38.04 ms", "1.5 MB", "0.5 %", "12"; `digits` significant ones, and
// never fewer than whole units need.
std::string to_text(const Quantity& quantity, int digits = 4);
// The same with a sign, "+1.2 ms"; 0 has none.
std::string to_signed_text(const Quantity& quantity, int digits = 4);
std::string to_text(double value, Unit unit, int digits = 4);
// The unit that to_text() gives `like`: Mbit/s for 71.2 Mbit/s.
struct DisplayUnit {
  double scale = 1;       // in base units
  std::string_view name;  // "" for plain numbers
};
DisplayUnit display_unit(const Quantity& like, int digits = 4);
// The number alone, without exponent unless it is beyond what people write out.
std::string number_text(double number, int digits = 4);

}  // namespace violin
