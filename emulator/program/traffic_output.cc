#include "emulator/program/traffic_output.hh"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"

namespace violin {
namespace {

using Json = nlohmann::json;

// No honest count or time is above these, and sums of two stay whole.
constexpr int64_t kCountMax = 1'000'000'000'000'000;
constexpr int64_t kTimeMax = int64_t{1} << 60;

Json object_of(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_object()) return json;
  throw ProgramFailure("violin traffic was cut off before its results; it said: " +
                       last_words(text));
}

int64_t number(const Json& json, const char* key, int64_t limit = kCountMax) {
  const auto found = json.find(key);
  if (found != json.end() && found->is_number_unsigned()) {
    const uint64_t value = found->get<uint64_t>();
    if (value <= static_cast<uint64_t>(limit)) return static_cast<int64_t>(value);
  }
  throw ProgramFailure(std::string("violin traffic has no sensible ") + key);
}

std::optional<Time> instant(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found != json.end() && found->is_null()) return std::nullopt;
  return Time::from_ns(number(json, key, kTimeMax));
}

Duration span(const Json& json, const char* key) {
  return Duration::nanoseconds(number(json, key, kTimeMax));
}

}  // namespace

void read_tcp_receiver(std::string_view text, TcpResult& of_model) {
  const Json json = object_of(text);
  TcpResult result = of_model;
  result.bytes = number(json, "bytes");
  result.wrong_bytes = number(json, "wrong_bytes");
  result.window_bytes = number(json, "window_bytes");
  if (result.window_bytes > result.bytes || result.wrong_bytes > result.bytes) {
    throw ProgramFailure("violin traffic has counted more than it received");
  }
  const auto flows = json.find("flows");
  if (flows == json.end() || !flows->is_array()) {
    throw ProgramFailure("violin traffic has no sensible flows");
  }
  for (const Json& flow : *flows) {
    if (!flow.is_object()) throw ProgramFailure("violin traffic has no sensible flows");
    // A flow that the sender did not keep a record of has no place.
    const auto at = static_cast<size_t>(number(flow, "number"));
    if (at < result.flows.size()) result.flows[at].bytes = number(flow, "bytes");
  }
  result.goodput_bps = result.window.rate_of(result.window_bytes);
  of_model = std::move(result);
}

void read_tcp_sender(std::string_view text, bool of_one_size, TcpResult& of_model) {
  const Json json = object_of(text);
  const std::optional<Time> start = instant(json, "start_ns");
  FlowRecord flow;
  flow.finish = instant(json, "finish_ns");
  flow.retransmits = static_cast<uint64_t>(number(json, "retransmits"));
  flow.srtt = Duration::microseconds(number(json, "srtt_us"));
  flow.bytes = of_model.bytes;
  if (flow.finish && (!start || *flow.finish < *start)) {
    throw ProgramFailure("violin traffic has finished before it began");
  }
  of_model.retransmits = flow.retransmits;
  of_model.srtt = flow.srtt;
  of_model.flows.clear();
  if (!start) return;
  flow.start = *start;
  of_model.flows.push_back(flow);
  MeasureWindow& window = of_model.window;
  if (of_one_size && flow.finish) {
    window.to = std::max(window.from, std::min(window.to, *flow.finish));
  }
  of_model.goodput_bps = window.rate_of(of_model.window_bytes);
}

void read_udp_receiver(std::string_view text, UdpResult& of_model) {
  const Json json = object_of(text);
  UdpResult result = of_model;
  result.received = number(json, "received");
  result.duplicates = number(json, "duplicates");
  result.reordered = number(json, "reordered");
  result.window_bytes = number(json, "window_bytes");
  result.jitter = span(json, "jitter_ns");
  const auto delay = json.find("delay");
  if (delay == json.end() || !delay->is_object()) {
    throw ProgramFailure("violin traffic has no sensible delay");
  }
  result.delay.samples = static_cast<uint64_t>(number(*delay, "samples"));
  result.delay.min = span(*delay, "min_ns");
  result.delay.p50 = span(*delay, "p50_ns");
  result.delay.p95 = span(*delay, "p95_ns");
  result.delay.p99 = span(*delay, "p99_ns");
  result.delay.max = span(*delay, "max_ns");
  result.delay.mean_ns = static_cast<double>(number(*delay, "mean_ns", kTimeMax));
  result.delay.stddev_ns = static_cast<double>(number(*delay, "stddev_ns", kTimeMax));
  if (result.received > result.sent) {
    throw ProgramFailure("violin traffic has received more datagrams than were sent");
  }
  result.lost = result.sent - result.received;
  result.goodput_bps = result.window.rate_of(result.window_bytes);
  of_model = result;
}

void read_udp_sender(std::string_view text, UdpResult& of_model) {
  const int64_t sent = number(object_of(text), "sent");
  if (sent < of_model.received) {
    throw ProgramFailure("violin traffic has sent fewer datagrams than were received");
  }
  of_model.sent = sent;
  of_model.lost = sent - of_model.received;
}

}  // namespace violin
