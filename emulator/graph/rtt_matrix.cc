#include <charconv>
#include <cmath>
#include <string_view>

#include "core/topology.hh"
#include "emulator/graph/graph_reader.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {

namespace {

// Reads the numbers of one line, in whole nanoseconds.
class MatrixLine {
 public:
  MatrixLine(std::string_view text, Place place) : text_(text), place_(std::move(place)) {}

  std::vector<Duration> read() {
    std::vector<Duration> row;
    for (skip_blanks(); position_ < text_.size(); skip_blanks()) {
      place_.column = static_cast<int>(position_) + 1;
      row.push_back(read_number());
      if (row.size() > kMaximumMatrixNodes) {
        throw InputError(place_, "more than " + std::to_string(kMaximumMatrixNodes) + " columns");
      }
    }
    return row;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  void skip_blanks() {
    while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
  }

  Duration read_number() {
    const size_t start = position_;
    while (position_ < text_.size() && !is_blank(text_[position_])) ++position_;
    const std::string_view word = text_.substr(start, position_ - start);
    double milliseconds = 0;
    const auto [stop, error] =
        std::from_chars(word.data(), word.data() + word.size(), milliseconds);
    // A round trip may take twice what a link may. Not-a-number fails every comparison.
    const double largest = Topology::kMaximumDelay.to_milliseconds() * 2;
    if (error != std::errc() || stop != word.data() + word.size() || !(milliseconds >= 0) ||
        !(milliseconds <= largest)) {
      refuse(place_, "not a round-trip time in ms", word.substr(0, 40), "0 to 7200000");
    }
    return Duration::nanoseconds(static_cast<int64_t>(milliseconds * 1e6 + 0.5));
  }

  std::string_view text_;
  Place place_;
  size_t position_ = 0;
};

struct Row {
  std::vector<Duration> round_trips;
  int line;
};

std::vector<Row> read_rows(std::istream& input, const std::string& file_name) {
  std::vector<Row> rows;
  std::string text;
  size_t bytes = 0;
  for (int line = 1; std::getline(input, text); ++line) {
    bytes += text.size() + 1;
    if (bytes > kMaximumGraphBytes) {
      throw InputError({file_name, line, 0}, "larger than " +
                                                 std::to_string(kMaximumGraphBytes >> 20) +
                                                 " MiB, the limit for a matrix file");
    }
    if (!text.empty() && text.front() == '#') continue;
    Row row{MatrixLine(text, {file_name, line, 0}).read(), line};
    if (row.round_trips.empty()) continue;
    if (!rows.empty() && row.round_trips.size() != rows.front().round_trips.size()) {
      throw InputError({file_name, line, 0}, "this line has " +
                                                 std::to_string(row.round_trips.size()) +
                                                 " numbers, the first one " +
                                                 std::to_string(rows.front().round_trips.size()));
    }
    rows.push_back(std::move(row));
    if (rows.size() > rows.front().round_trips.size()) {
      throw InputError({file_name, line, 0}, "not square: more lines than columns, which are " +
                                                 std::to_string(rows.front().round_trips.size()));
    }
  }
  if (rows.empty()) throw InputError({file_name, 1, 0}, "there is no number in it");
  if (rows.size() < rows.front().round_trips.size()) {
    throw InputError({file_name, rows.back().line, 0},
                     "not square: " + std::to_string(rows.size()) + " lines of " +
                         std::to_string(rows.front().round_trips.size()) + " numbers");
  }
  return rows;
}

}  // namespace

ImportedGraph read_rtt_matrix(std::istream& input, const std::string& file_name) {
  const std::vector<Row> rows = read_rows(input, file_name);
  ImportedGraph graph;
  size_t asymmetric = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string name = "n" + std::to_string(i);
    graph.nodes.push_back({name, name, std::nullopt, std::nullopt});
    if (rows[i].round_trips[i] != Duration()) {
      refuse({file_name, rows[i].line, 0}, "the diagonal is not 0 at " + name,
             to_string(rows[i].round_trips[i]), "0");
    }
    for (size_t j = i + 1; j < rows.size(); ++j) {
      const Duration forth = rows[i].round_trips[j];
      const Duration back = rows[j].round_trips[i];
      if (forth != back) ++asymmetric;
      graph.edges.push_back(
          {static_cast<int>(i), static_cast<int>(j), (forth + back) / 4, std::nullopt});
    }
  }
  if (asymmetric > 0) {
    graph.notes.push_back(std::to_string(asymmetric) +
                          " pairs have two different round-trip times; their mean is used");
  }
  return graph;
}

}  // namespace violin
