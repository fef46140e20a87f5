#include "emulator/results/csv.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <istream>
#include <ostream>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr size_t kMaxLine = size_t{1} << 20;

template <typename Number>
std::optional<Number> parse_whole(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void CsvWriter::separate() {
  if (!is_first_) out_ << ',';
  is_first_ = false;
}

CsvWriter& CsvWriter::text(std::string_view cell) {
  separate();
  if (cell.find_first_of(",\"\n\r") == std::string_view::npos) {
    out_ << cell;
    return *this;
  }
  out_ << '"';
  for (const char c : cell) {
    if (c == '"') out_ << '"';
    out_ << c;
  }
  out_ << '"';
  return *this;
}

CsvWriter& CsvWriter::number(int64_t cell) {
  separate();
  out_ << cell;
  return *this;
}

CsvWriter& CsvWriter::number(uint64_t cell) {
  separate();
  out_ << cell;
  return *this;
}

CsvWriter& CsvWriter::number(double cell) {
  separate();
  out_ << double_text(cell);
  return *this;
}

CsvWriter& CsvWriter::number(std::optional<double> cell) {
  return cell ? number(*cell) : nothing();
}

CsvWriter& CsvWriter::seconds(Time cell) {
  separate();
  out_ << seconds_text(cell);
  return *this;
}

CsvWriter& CsvWriter::nothing() {
  separate();
  return *this;
}

void CsvWriter::end_row() {
  out_ << '\n';
  is_first_ = true;
}

void CsvWriter::row(const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) text(cell);
  end_row();
}

std::string seconds_text(Time time) {
  const int64_t ns = time.ns();
  const uint64_t magnitude = ns < 0 ? ~static_cast<uint64_t>(ns) + 1 : static_cast<uint64_t>(ns);
  std::string text = ns < 0 ? "-" : "";
  text += std::to_string(magnitude / kNanosecondsPerSecond);
  const uint64_t rest = magnitude % kNanosecondsPerSecond;
  if (rest == 0) return text;
  text += fmt::format(".{:09}", rest);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::optional<Time> parse_seconds(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, text.find('.'));
  std::string fraction(whole.size() < text.size() ? text.substr(whole.size() + 1) : "0");
  if (fraction.empty() || fraction.size() > 9 || whole.size() > 9) return std::nullopt;
  fraction.resize(9, '0');
  const auto seconds = parse_whole<uint32_t>(whole, 10);
  const auto nanoseconds = parse_whole<uint32_t>(fraction, 10);
  if (!seconds || !nanoseconds) return std::nullopt;
  const int64_t ns = int64_t{*seconds} * kNanosecondsPerSecond + *nanoseconds;
  return Time::from_ns(negative ? -ns : ns);
}

std::string double_text(double value) {
  if (!std::isfinite(value)) return "";
  // Whole numbers read better without an exponent, and stay exact up to 2^53.
  if (value == std::floor(value) && std::fabs(value) < 9e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

CsvReader::CsvReader(std::istream& in, std::string file) : in_(in), file_(std::move(file)) {
  if (!read_cells()) fail("it is empty");
  header_ = cells_;
}

size_t CsvReader::column(std::string_view name) const {
  const auto at = std::find(header_.begin(), header_.end(), name);
  if (at == header_.end()) fail("there is no column " + std::string(name));
  return static_cast<size_t>(at - header_.begin());
}

bool CsvReader::next() {
  if (!read_cells()) return false;
  if (cells_.size() != header_.size()) {
    fail(std::to_string(cells_.size()) + " cells, but the header has " +
         std::to_string(header_.size()));
  }
  return true;
}

bool CsvReader::read_cells() {
  cells_.assign(1, "");
  ++line_;
  bool quoted = false;
  size_t length = 0;
  int c = in_.get();
  if (c == std::istream::traits_type::eof()) return false;
  for (; c != std::istream::traits_type::eof(); c = in_.get()) {
    if (++length > kMaxLine) fail("a line is too long");
    if (quoted) {
      if (c != '"') {
        cells_.back() += static_cast<char>(c);
      } else if (in_.peek() == '"') {
        cells_.back() += static_cast<char>(in_.get());
      } else {
        quoted = false;
      }
      continue;
    }
    if (c == '\n') return true;
    if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      cells_.emplace_back();
    } else if (c != '\r') {
      cells_.back() += static_cast<char>(c);
    }
  }
  if (quoted) fail("a quote is not closed");
  return true;
}

int64_t CsvReader::integer(size_t column) const {
  const auto value = parse_whole<int64_t>(cells_[column], 10);
  if (!value) fail("not a whole number in " + header_[column] + ": " + cells_[column]);
  return *value;
}

uint64_t CsvReader::unsigned_integer(size_t column, int base) const {
  const auto value = parse_whole<uint64_t>(cells_[column], base);
  if (!value) fail("not a whole number in " + header_[column] + ": " + cells_[column]);
  return *value;
}

std::optional<double> CsvReader::real(size_t column) const {
  const std::string& text = cells_[column];
  if (text.empty()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fail("not a number in " + header_[column] + ": " + text);
  }
  return value;
}

Time CsvReader::time(size_t column) const {
  const auto value = parse_seconds(cells_[column]);
  if (!value) fail("not a time in " + header_[column] + ": " + cells_[column]);
  return *value;
}

void CsvReader::fail(const std::string& problem) const {
  throw InputError(Place{file_, line_, 0}, problem);
}

}  // namespace violin
