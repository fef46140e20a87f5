#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hh"

// Comma-separated values as RFC 4180 has them (with plain line feeds), which pandas and R read
// without options. Numbers are written so that they read back to the same value: integers exactly,
// times as exact decimal seconds, doubles by their shortest round-trip form. What is not known, or
// not a number, is an empty cell.

namespace violin {

// Columns and values put in front of every row: empty in a single run; run, seed and parameters
// in the merged files of a sweep.
struct CsvPrefix {
  std::vector<std::string> columns;
  std::vector<std::string> values;
};

class CsvWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}
  CsvWriter& text(std::string_view cell);
  CsvWriter& number(int64_t cell);
  CsvWriter& number(uint64_t cell);
  CsvWriter& number(double cell);
  CsvWriter& number(std::optional<double> cell);
  CsvWriter& seconds(Time cell);
  CsvWriter& nothing();
  void end_row();
  // A whole row of text.
  void row(const std::vector<std::string>& cells);

 private:
  void separate();
  std::ostream& out_;
  bool is_first_ = true;
};

// "12.3" for 12 300 000 000 ns: exact, without trailing zeros. And back; nothing when it is not
// that.
std::string seconds_text(Time time);
std::optional<Time> parse_seconds(std::string_view text);
// The shortest text that reads back to the same double; "" when it is not finite.
std::string double_text(double value);

// Reads rows one by one, checking that each has as many cells as the first, the header. Throws
// InputError naming file and line. A line is at most 1 MiB.
class CsvReader {
 public:
  CsvReader(std::istream& in, std::string file);

  const std::vector<std::string>& header() const { return header_; }
  // The place of a column; throws when there is none.
  size_t column(std::string_view name) const;
  // Next row; false at the end.
  bool next();
  const std::string& cell(size_t column) const { return cells_[column]; }
  // The cell as a number; throws when it is not one.
  int64_t integer(size_t column) const;
  uint64_t unsigned_integer(size_t column, int base = 10) const;
  std::optional<double> real(size_t column) const;  // nothing when empty
  Time time(size_t column) const;
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  bool read_cells();

  std::istream& in_;
  std::string file_;
  int line_ = 0;
  std::vector<std::string> header_;
  std::vector<std::string> cells_;
};

}  // namespace violin
