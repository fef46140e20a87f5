#include "emulator/scenario/scenario_link.hh"

#include <optional>
#include <utility>

#include "emulator/scenario/scenario_queue.hh"
#include "emulator/scenario/yaml_map.hh"
#include "models/link/serialiser.hh"
#include "models/queue/queue_bound.hh"
#include "models/queue/red.hh"

namespace violin {
namespace {

constexpr int64_t kMinMtu = 68;  // RFC 791: every module forwards a packet of 68 octets
constexpr int64_t kMaxMtu = 65'535;
constexpr Duration kMaxDelay = Duration::seconds(86'400);
constexpr Bytes kMaxOverhead = Bytes(65'536);
constexpr size_t kMaxTraceItems = 10'000'000;

const YamlValue* find_value(const YamlValue& map, std::string_view key) {
  const YamlValue* found = map.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Duration read_delay(const YamlValue& value, std::string_view what) {
  const Duration delay = read_duration(value, what);
  if (delay > kMaxDelay) refuse(value.place, what, value.text, "0 s to 24 h");
  return delay;
}

JitterSpec read_jitter(const YamlValue& value) {
  JitterSpec jitter;
  if (!value.is_map()) {
    jitter.stddev = read_delay(value, "jitter");
    return jitter;
  }
  const YamlMap map(value, "jitter", {"stddev", "distribution", "correlation"});
  jitter.stddev = read_delay(map.require("stddev"), "stddev");
  if (const auto* v = map.find("distribution")) {
    jitter.distribution = static_cast<JitterSpec::Distribution>(
        read_word(*v, "distribution", {"uniform", "normal", "pareto", "paretonormal"}));
  }
  if (const auto* v = map.find("correlation")) {
    jitter.correlation = read_probability(*v, "correlation");
  }
  return jitter;
}

Probability optional_probability(const YamlMap& map, std::string_view key, Probability otherwise) {
  const YamlValue* value = map.find(key);
  return value == nullptr ? otherwise : read_probability(*value, key);
}

GilbertElliottLoss read_gilbert_elliott(const YamlValue& value) {
  const YamlMap map(value, "gemodel", {"p", "r", "loss_bad", "loss_good"});
  GilbertElliottLoss loss;
  loss.p = read_probability(map.require("p"), "p");
  loss.r = read_probability(map.require("r"), "r");
  loss.loss_bad = optional_probability(map, "loss_bad", loss.loss_bad);
  loss.loss_good = optional_probability(map, "loss_good", loss.loss_good);
  return loss;
}

Probability rest_of(Probability probability) {
  return Probability::from_parts(Probability::kOne - probability.parts());
}

// The states' outgoing probabilities: 1 goes to 3 or 4, 3 goes to 1 or 2.
FourStateLoss read_four_state(const YamlValue& value) {
  const YamlMap map(value, "state", {"p13", "p31", "p32", "p23", "p14"});
  FourStateLoss loss;
  loss.p13 = read_probability(map.require("p13"), "p13");
  loss.p31 = optional_probability(map, "p31", rest_of(loss.p13));
  loss.p32 = optional_probability(map, "p32", Probability::never());
  loss.p23 = optional_probability(map, "p23", Probability::always());
  loss.p14 = optional_probability(map, "p14", Probability::never());
  if (loss.p13.parts() + loss.p14.parts() > Probability::kOne ||
      loss.p31.parts() + loss.p32.parts() > Probability::kOne) {
    refuse(value.place, "impossible probabilities",
           "p13 " + to_string(loss.p13) + ", p14 " + to_string(loss.p14) + ", p31 " +
               to_string(loss.p31) + ", p32 " + to_string(loss.p32),
           "p13 + p14 and p31 + p32 of at most 100 %");
  }
  return loss;
}

LossSpec read_random_loss(const YamlMap& map) {
  BernoulliLoss loss;
  loss.probability = read_probability(map.require("random"), "random");
  loss.correlation = optional_probability(map, "correlation", loss.correlation);
  if (loss.probability.is_never()) return std::monostate();
  return loss;
}

LossSpec read_loss(const YamlValue& value) {
  if (!value.is_map()) {
    const Probability probability = read_probability(value, "loss");
    if (probability.is_never()) return std::monostate();
    return BernoulliLoss{probability, {}};
  }
  const YamlMap map(value, "loss", {"random", "correlation", "gemodel", "state"});
  const int models = map.has("random") + map.has("gemodel") + map.has("state");
  if (models != 1 || (map.has("correlation") && !map.has("random"))) {
    throw InputError(value.place,
                     "loss takes one of random (which may have a correlation), gemodel and state");
  }
  if (const auto* v = map.find("gemodel")) return read_gilbert_elliott(*v);
  if (const auto* v = map.find("state")) return read_four_state(*v);
  return read_random_loss(map);
}

ReorderSpec read_reorder(const YamlValue& value) {
  ReorderSpec reorder;
  if (!value.is_map()) {
    reorder.probability = read_probability(value, "reorder");
    return reorder;
  }
  const YamlMap map(value, "reorder", {"percent", "correlation", "gap"});
  reorder.probability = read_probability(map.require("percent"), "percent");
  reorder.correlation = optional_probability(map, "correlation", reorder.correlation);
  if (const auto* v = map.find("gap")) {
    reorder.gap = static_cast<uint32_t>(read_integer(*v, "gap", {0, 1'000'000}));
  }
  return reorder;
}

BitRate read_rate(const YamlValue& value) {
  if (value.is_scalar() && value.text == "unlimited") return BitRate();
  return read_bit_rate(value, "rate");
}

Bytes read_overhead(const YamlValue& value) {
  const Bytes overhead = read_bytes(value, "overhead");
  if (overhead > kMaxOverhead) refuse(value.place, "overhead", value.text, "0 B to 64 KiB");
  return overhead;
}

int64_t read_mtu(const YamlValue& value) {
  const std::string& text = read_text(value, "mtu");
  if (parse_integer(text)) return read_integer(value, "mtu", {kMinMtu, kMaxMtu});
  const int64_t mtu = read_bytes(value, "mtu").count();
  if (mtu < kMinMtu || mtu > kMaxMtu) refuse(value.place, "mtu", text, "68 to 65535 bytes");
  return mtu;
}

std::shared_ptr<const RateTrace> read_trace(const YamlValue& value, ScenarioFiles& files) {
  if (!value.is_list()) return files.trace(value.place, read_text(value, "trace"));
  constexpr int64_t kMaxMilliseconds = 4'294'967'295;
  RateTrace trace;
  int64_t last = 0;
  for (const YamlPointer& item : value.items) {
    last = read_integer(*item, "trace", {last, kMaxMilliseconds});
    trace.opportunities_ms.push_back(static_cast<uint32_t>(last));
  }
  if (last == 0 || value.items.size() > kMaxTraceItems) {
    throw InputError(value.place, "a trace is 1 to 10000000 milliseconds, the last above zero");
  }
  return files.shared_trace(std::move(trace));
}

// One threshold that is given may be on the wrong side of the other, which is a share of the limit.
void check_red(const Place& place, const WireSpec& wire) {
  const RedThresholds asked{wire.queue.red_min, wire.queue.red_max};
  if (wire.queue.kind != QueueSpec::Kind::kRed) return;
  if (asked.min == Bytes() && asked.max == Bytes()) return;
  const BitRate rate = wire.trace != nullptr ? mean_rate(*wire.trace) : wire.rate;
  const RedThresholds used = red_thresholds(asked, QueueBound(wire.queue.limit, rate).in_bytes());
  if (used.min < used.max) return;
  throw InputError(place, "red needs min below max: " + to_string(used.min) + " and " +
                              to_string(used.max) +
                              " (left out, min is a quarter of the limit, max three quarters)");
}

}  // namespace

const std::vector<std::string>& wire_keys() {
  static const std::vector<std::string> kKeys = {"rate",    "overhead", "trace",     "delay",
                                                 "jitter",  "loss",     "duplicate", "corrupt",
                                                 "reorder", "queue",    "mtu"};
  return kKeys;
}

const std::vector<std::string>& wire_patch_keys() {
  static const std::vector<std::string> kKeys = {"rate", "overhead",  "delay",   "jitter",
                                                 "loss", "duplicate", "corrupt", "reorder"};
  return kKeys;
}

WirePatch read_wire_patch(const YamlValue& value) {
  WirePatch patch;
  if (const auto* v = find_value(value, "rate")) patch.rate = read_rate(*v);
  if (const auto* v = find_value(value, "overhead")) patch.overhead = read_overhead(*v);
  if (const auto* v = find_value(value, "delay")) patch.delay = read_delay(*v, "delay");
  if (const auto* v = find_value(value, "jitter")) patch.jitter = read_jitter(*v);
  if (const auto* v = find_value(value, "loss")) patch.loss = read_loss(*v);
  if (const auto* v = find_value(value, "duplicate")) {
    patch.duplicate = read_probability(*v, "duplicate");
  }
  if (const auto* v = find_value(value, "corrupt")) {
    patch.corrupt = read_probability(*v, "corrupt");
  }
  if (const auto* v = find_value(value, "reorder")) patch.reorder = read_reorder(*v);
  return patch;
}

void apply_wire_keys(const YamlValue& value, ScenarioFiles& files, WireSpec& wire) {
  const WirePatch patch = read_wire_patch(value);
  const YamlValue* trace = find_value(value, "trace");
  if (patch.rate && trace != nullptr) {
    throw InputError(trace->place, "a link takes a rate or a trace, not both");
  }
  if (patch.rate) {
    wire.rate = *patch.rate;
    wire.trace = nullptr;
  }
  if (trace != nullptr) {
    wire.trace = read_trace(*trace, files);
    wire.rate = BitRate();
  }
  wire.overhead = patch.overhead.value_or(wire.overhead);
  wire.delay = patch.delay.value_or(wire.delay);
  wire.jitter = patch.jitter.value_or(wire.jitter);
  wire.loss = patch.loss.value_or(wire.loss);
  wire.duplicate = patch.duplicate.value_or(wire.duplicate);
  wire.corrupt = patch.corrupt.value_or(wire.corrupt);
  wire.reorder = patch.reorder.value_or(wire.reorder);
  if (const auto* v = find_value(value, "queue")) wire.queue = read_queue(*v, wire.queue);
  if (const auto* v = find_value(value, "mtu")) wire.mtu = read_mtu(*v);
}

void settle_wire(const Place& place, QueueOrigin queue, WireSpec& wire) {
  const bool has_rate = !wire.rate.unlimited() || wire.trace != nullptr;
  if (!has_rate && std::holds_alternative<TimeLimit>(wire.queue.limit)) {
    if (!queue.from_default) {
      throw InputError(place, "a queue's limit in time needs a rate: there is none on this link");
    }
    wire.queue.limit = PacketLimit{};
  }
  check_red(place, wire);
}

void apply_wire_map(const YamlValue* value, const std::string& what, ScenarioFiles& files,
                    WireSpec& wire) {
  if (value == nullptr || value->is_null()) return;
  const YamlMap checked(*value, what, wire_keys());
  apply_wire_keys(*value, files, wire);
}

}  // namespace violin
