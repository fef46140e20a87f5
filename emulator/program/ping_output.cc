#include "emulator/program/ping_output.hh"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"

namespace violin {
namespace {

constexpr int64_t kSequences = 65'536;
// Three years: a stamp further from time 0 is none of ours, and a round trip neither. With it no
// sum below can leave what an instant can say.
constexpr Duration kSpanMax = Duration::seconds(100'000'000);
constexpr Time kEndMax = Time::zero() + kSpanMax * 10;

bool has(std::string_view line, std::string_view part) {
  return line.find(part) != std::string_view::npos;
}

// What stands behind `key` up to a blank: "icmp_seq=17 ttl=64" has 17 behind "icmp_seq=".
std::string_view behind(std::string_view line, std::string_view key) {
  const size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + key.size());
  return line.substr(0, line.find(' '));
}

class PingReader {
 public:
  explicit PingReader(const PingReading& how)
      : how_(how),
        spacing_(std::min(how.interval, kSpanMax / std::max<int64_t>(how.count, 1))),
        end_(std::min(how.end, kEndMax)) {}

  void read(std::string_view line) {
    if (has(line, " packets transmitted")) return read_statistics(line);
    const std::optional<int64_t> index = index_of(behind(line, "icmp_seq="));
    if (!index) return;
    const std::optional<Time> printed = stamp_of(line);
    note_sent(*index);
    if (has(line, "no answer yet")) {
      if (*index + 1 >= how_.count) return;
      note_sent(*index + 1);
      Request& next = requests_[static_cast<size_t>(*index) + 1];
      if (!next.sent) next.sent = printed;
    } else if (has(line, " bytes from ") && !has(line, "BAD CHECKSUM")) {
      read_reply(line, requests_[static_cast<size_t>(*index)], printed);
    }
  }

  PingResult result() {
    complete_times();
    PingResult result;
    result.queueing_known = false;
    result.duplicates = duplicates_;
    result.sent = static_cast<int64_t>(requests_.size());
    for (size_t i = 0; i < requests_.size(); ++i) {
      const Request& request = requests_[i];
      const bool answered = request.rtt && *request.rtt <= how_.timeout;
      // By what is left, since the sum could be later than any instant.
      if (!answered && how_.timeout > end_ - *request.sent) {
        if (how_.window.contains(*request.sent)) ++result.outstanding;
        continue;
      }
      PingProbe probe;
      probe.sequence = static_cast<int64_t>(i);
      probe.sent = *request.sent;
      if (answered) probe.rtt = request.rtt;
      result.received += answered ? 1 : 0;
      result.probes.push_back(probe);
    }
    return result;
  }

 private:
  struct Request {
    std::optional<Time> sent;
    std::optional<Duration> rtt;
  };

  // The index nearest to the last one read that has this number.
  std::optional<int64_t> index_of(std::string_view number) {
    const std::optional<int64_t> sequence = whole_number(number, kSequences - 1);
    if (!sequence) return std::nullopt;
    int64_t ahead = (*sequence - 1 - last_) % kSequences;
    if (ahead < -kSequences / 2) ahead += kSequences;
    if (ahead >= kSequences / 2) ahead -= kSequences;
    const int64_t index = last_ + ahead;
    if (index < 0 || index >= how_.count) return std::nullopt;
    last_ = index;
    return index;
  }

  // "[1795378701.889063]" as an instant of the scenario.
  std::optional<Time> stamp_of(std::string_view line) const {
    if (!line.starts_with('[')) return std::nullopt;
    const size_t close = line.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const std::optional<Duration> stamp = span_of(line.substr(1, close - 1), "s");
    if (!stamp) return std::nullopt;
    const Duration since_zero = Duration::nanoseconds(stamp->ns() - how_.epoch_ns);
    if (since_zero > kSpanMax || since_zero < -kSpanMax) return std::nullopt;
    return Time::zero() + since_zero;
  }

  void note_sent(int64_t index) {
    if (requests_.size() <= static_cast<size_t>(index)) {
      requests_.resize(static_cast<size_t>(index) + 1);
    }
  }

  void read_reply(std::string_view line, Request& request, std::optional<Time> printed) {
    const std::optional<Duration> rtt = span_of(behind(line, " time="), "ms");
    // Half a line of an interrupted program: "time=40." is not a time until its unit stands there.
    if (!rtt || *rtt > kSpanMax || !has(line, " ms")) return;
    if (has(line, "(DUP!)")) {
      ++duplicates_;
      return;
    }
    if (request.rtt) return;
    request.rtt = rtt;
    if (printed) request.sent = *printed - *rtt;
  }

  void read_statistics(std::string_view line) {
    const std::optional<int64_t> sent = whole_number(words_of(line).front(), how_.count);
    if (sent && *sent > 0) note_sent(*sent - 1);
  }

  void complete_times() {
    const auto known = std::find_if(requests_.begin(), requests_.end(),
                                    [](const Request& request) { return request.sent; });
    Time next = how_.start;
    if (known != requests_.end()) next = *known->sent - spacing_ * (known - requests_.begin());
    for (Request& request : requests_) {
      if (!request.sent) request.sent = next;
      next = *request.sent + spacing_;
    }
  }

  const PingReading& how_;
  const Duration spacing_;
  const Time end_;
  std::vector<Request> requests_;
  int64_t last_ = 0;
  int64_t duplicates_ = 0;
};

}  // namespace

PingResult read_ping_output(std::string_view text, const PingReading& how) {
  PingReader reader(how);
  for (const std::string_view line : lines_of(text)) reader.read(line);
  PingResult result = reader.result();
  if (result.sent == 0) throw ProgramFailure("ping sent nothing; it said: " + last_words(text));
  return result;
}

}  // namespace violin
