#include "emulator/program/iperf3_output.hh"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"

namespace violin {
namespace {

using Json = nlohmann::json;

// No honest count or time is above these, and sums of those below stay whole.
constexpr double kCountMax = 1e15;
constexpr double kSecondsMax = 1e6;

// What stands at the end of the path; null when there is nothing.
const Json& at(const Json& json, std::initializer_list<const char*> path) {
  static const Json kNothing;
  const Json* here = &json;
  for (const char* key : path) {
    if (!here->is_object()) return kNothing;
    const auto found = here->find(key);
    if (found == here->end()) return kNothing;
    here = &*found;
  }
  return *here;
}

double number(const Json& json, double limit) {
  if (!json.is_number()) return 0;
  return std::clamp(json.get<double>(), 0.0, limit);
}
int64_t count(const Json& json) { return static_cast<int64_t>(number(json, kCountMax)); }
Duration seconds(const Json& json) {
  return Duration::nanoseconds(std::llround(number(json, kSecondsMax) * 1e9));
}
Duration microseconds(const Json& json) {
  return Duration::microseconds(static_cast<int64_t>(number(json, kSecondsMax * 1e6)));
}

const Json& first_stream(const Json& of) {
  static const Json kNothing;
  const Json& streams = at(of, {"streams"});
  return streams.is_array() && !streams.empty() ? streams.front() : kNothing;
}

}  // namespace

Iperf3Output::End Iperf3Output::read_end(std::string_view text, const std::string& who) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    throw ProgramFailure(who + " was cut off before its results; it said: " + last_words(text));
  }
  End end;
  if (at(json, {"error"}).is_string()) end.error = at(json, {"error"}).get<std::string>();
  for (const Json& one : at(json, {"intervals"})) {
    Interval interval;
    interval.from = seconds(at(one, {"sum", "start"}));
    interval.to = std::max(interval.from, seconds(at(one, {"sum", "end"})));
    // A server that is told of an interruption repeats its last interval.
    if (!end.intervals.empty() && interval.from < end.intervals.back().to) continue;
    interval.bytes = count(at(one, {"sum", "bytes"}));
    interval.window = count(at(first_stream(one), {"snd_cwnd"}));
    interval.rtt = microseconds(at(first_stream(one), {"rtt"}));
    end.intervals.push_back(interval);
  }
  if (end.intervals.empty()) {
    throw ProgramFailure(who + " measured nothing: " +
                         (end.error.empty() ? "it gave no reason" : last_words(end.error)));
  }
  const Json& whole = at(json, {"end"});
  const Json& stream = first_stream(whole);
  end.sent = count(at(whole, {"sum_sent", "bytes"}));
  end.received = count(at(whole, {"sum_received", "bytes"}));
  end.seconds = seconds(at(whole, {"sum_received", "seconds"}));
  end.packets = count(at(whole, {"sum", "packets"}));
  end.packets_sent = count(at(whole, {"sum_sent", "packets"}));
  end.lost = count(at(whole, {"sum", "lost_packets"}));
  end.reordered = count(at(stream, {"udp", "out_of_order"}));
  end.jitter = Duration::nanoseconds(
      std::llround(number(at(whole, {"sum", "jitter_ms"}), kSecondsMax) * 1e6));
  end.retransmits = static_cast<uint64_t>(count(at(whole, {"sum_sent", "retransmits"})));
  end.lowest_rtt = microseconds(at(stream, {"sender", "min_rtt"}));
  return end;
}

Iperf3Output::Iperf3Output(std::string_view server, std::string_view client,
                           const Iperf3Reading& how)
    : how_(how) {
  // First, since what went wrong is nearly always in the client's words.
  client_ = read_end(client, "the iperf3 client");
  server_ = read_end(server, "the iperf3 server");
}

Duration Iperf3Output::round_trip() const {
  const Duration measured = sender().lowest_rtt;
  if (!how_.round_trip) return measured;
  return measured == Duration() ? *how_.round_trip : std::min(measured, *how_.round_trip);
}

Time Iperf3Output::start_of(const End& end) const {
  return how_.launched + round_trip() * (&end == &server_ ? 9 : 10) / 2;
}

MeasureWindow Iperf3Output::covered_window() const {
  const Time start = start_of(receiver());
  const Time from = std::max(how_.window.from, start);
  Time to = std::min(how_.window.to, start + receiver().intervals.back().to);
  return {from, std::max(from, to)};
}

int64_t Iperf3Output::bytes_in(const MeasureWindow& window) const {
  double bytes = 0;
  for (const Interval& interval : receiver().intervals) {
    const Time start = start_of(receiver()) + interval.from;
    const Duration length = interval.to - interval.from;
    const Duration inside = std::min(window.to, start + length) - std::max(window.from, start);
    if (inside <= Duration()) continue;
    bytes += static_cast<double>(interval.bytes) * (inside.to_seconds() / length.to_seconds());
  }
  return static_cast<int64_t>(std::min(bytes, kCountMax));
}

TcpResult Iperf3Output::tcp() const {
  TcpResult result;
  FlowRecord flow;
  // The stream's own connection is opened a round trip before its first byte can leave.
  flow.start = start_of(sender()) - round_trip();
  flow.bytes = receiver().received;
  flow.retransmits = sender().retransmits;
  flow.srtt = sender().intervals.back().rtt;
  // The last byte is acknowledged half a round trip after it was read.
  const Time finished = start_of(receiver()) + receiver().seconds + round_trip() / 2;
  if (how_.size) {
    // The last block that was read may be more than was asked for.
    if (flow.bytes >= how_.size->count()) flow.finish = finished;
    flow.bytes = std::min(flow.bytes, how_.size->count());
  } else if (sender().error.empty() && receiver().error.empty()) {
    flow.finish = finished;
  }
  result.window = covered_window();
  result.window_bytes = std::min(bytes_in(result.window), flow.bytes);
  result.goodput_bps = result.window.rate_of(result.window_bytes);
  result.bytes = flow.bytes;
  result.retransmits = flow.retransmits;
  result.srtt = flow.srtt;
  result.flows.push_back(flow);
  return result;
}

UdpResult Iperf3Output::udp() const {
  UdpResult result;
  result.window = covered_window();
  result.window_bytes = bytes_in(result.window);
  result.goodput_bps = result.window.rate_of(result.window_bytes);
  result.received = std::max<int64_t>(0, server_.packets - server_.lost);
  result.sent = std::max(client_.packets_sent, result.received);
  result.lost = result.sent - result.received;
  result.reordered = server_.reordered;
  result.jitter = server_.jitter;
  return result;
}

std::vector<Series> Iperf3Output::series(const std::string& name) const {
  Series goodput{name, "goodput_bps", {}};
  for (const Interval& interval : receiver().intervals) {
    const MeasureWindow whole{start_of(receiver()) + interval.from,
                              start_of(receiver()) + interval.to};
    goodput.points.emplace_back(whole.to, whole.rate_of(interval.bytes));
  }
  Series window{name, "cwnd_bytes", {}};
  Series rtt{name, "srtt_ns", {}};
  for (const Interval& interval : sender().intervals) {
    if (interval.window == 0) continue;
    const Time at = start_of(sender()) + interval.to;
    window.points.emplace_back(at, static_cast<double>(interval.window));
    rtt.points.emplace_back(at, static_cast<double>(interval.rtt.ns()));
  }
  std::vector<Series> series = {std::move(goodput)};
  if (!window.points.empty()) series.insert(series.end(), {std::move(window), std::move(rtt)});
  return series;
}

}  // namespace violin
