#include "emulator/scenario/rate_trace_reader.hh"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr size_t kMaxOpportunities = 10'000'000;
constexpr size_t kMaxQuoted = 40;
constexpr std::string_view kAllowed = "one whole number of milliseconds, up to 4294967295";

// Without the white space at its ends; `column` becomes that of its first letter.
std::string_view trimmed(std::string_view text, int& column) {
  constexpr std::string_view kSpace = " \t\r";
  const size_t start = std::min(text.find_first_not_of(kSpace), text.size());
  column = static_cast<int>(start) + 1;
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

uint32_t read_milliseconds(const Place& place, std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    refuse(place, "not a line of a trace", text.substr(0, kMaxQuoted), kAllowed);
  }
  return value;
}

}  // namespace

std::shared_ptr<const RateTrace> read_rate_trace(std::istream& input,
                                                 const std::string& file_name) {
  auto trace = std::make_shared<RateTrace>();
  Place place{file_name, 0, 0};
  std::string line;
  while (std::getline(input, line)) {
    ++place.line;
    const std::string_view text = trimmed(line, place.column);
    if (text.empty()) continue;
    const uint32_t at = read_milliseconds(place, text);
    auto& opportunities = trace->opportunities_ms;
    if (!opportunities.empty() && at < opportunities.back()) {
      refuse(place, "a trace cannot go back in time", text,
             std::to_string(opportunities.back()) + " or later");
    }
    if (opportunities.size() >= kMaxOpportunities) {
      throw InputError(place, "the trace has more than 10 million lines");
    }
    opportunities.push_back(at);
  }
  if (trace->opportunities_ms.empty()) throw InputError({file_name, 1, 1}, "the trace is empty");
  if (trace->opportunities_ms.back() == 0) {
    throw InputError(place, "the last line of a trace is its period and must be above 0 ms");
  }
  return trace;
}

}  // namespace violin
