#include "emulator/scenario/scenario_queue.hh"

#include <algorithm>
#include <string>
#include <vector>

#include "emulator/scenario/yaml_map.hh"
#include "models/queue/red.hh"

namespace violin {
namespace {

using Kind = QueueSpec::Kind;

// In the order of QueueSpec::Kind.
std::vector<std::string> kinds() { return {"droptail", "red", "codel", "fq_codel", "pie"}; }

Kind read_kind(const YamlValue& value, std::string_view what) {
  return static_cast<Kind>(read_word(value, what, kinds()));
}

QueueLimit read_limit(const YamlValue& value) {
  const std::string forms =
      "packets, bytes or time, as in \"250 packets\", \"64 KiB\" or \"100 ms\"";
  const std::string& text = read_text(value, "limit");
  for (const std::string_view unit : {"packets", "packet"}) {
    if (text.size() <= unit.size() || !text.ends_with(unit)) continue;
    std::string_view digits = std::string_view(text).substr(0, text.size() - unit.size());
    while (!digits.empty() && digits.back() == ' ') digits.remove_suffix(1);
    const auto packets = parse_integer(digits);
    constexpr int64_t kMaxPackets = 10'000'000;
    if (!packets || *packets < 1 || *packets > kMaxPackets) {
      refuse(value.place, "limit", text, "1 packet to 10000000 packets");
    }
    return PacketLimit{*packets};
  }
  QueueLimit limit;
  try {
    limit = ByteLimit{parse_bytes(text)};
    if (parse_bytes(text).count() == 0) refuse(value.place, "limit", text, "more than nothing");
    return limit;
  } catch (const UnitError&) {
    // Not bytes: what is left is a time, or wrong.
  }
  try {
    limit = TimeLimit{parse_duration(text)};
  } catch (const UnitError&) {
    refuse(value.place, "limit", text, forms + size_hint(text));
  }
  if (parse_duration(text) <= Duration()) {
    refuse(value.place, "limit", text, "more than nothing");
  }
  return limit;
}

std::vector<std::string> keys_of(Kind kind) {
  std::vector<std::string> keys = {"kind", "limit", "ecn"};
  const auto add = [&keys](std::vector<std::string> more) {
    keys.insert(keys.end(), more.begin(), more.end());
  };
  switch (kind) {
    case Kind::kDropTail:
      break;
    case Kind::kRed:
      add({"min", "max", "probability", "weight_shift", "gentle"});
      break;
    case Kind::kCodel:
      add({"target", "interval"});
      break;
    case Kind::kFqCodel:
      add({"target", "interval", "flows", "quantum"});
      break;
    case Kind::kPie:
      add({"target", "update", "burst"});
      break;
  }
  return keys;
}

Duration read_positive(const YamlValue& value, std::string_view what) {
  const Duration duration = read_duration(value, what);
  if (duration == Duration()) refuse(value.place, what, value.text, "a duration above zero");
  return duration;
}

// Zero stands for the default within QueueSpec, so it cannot be asked for.
Bytes read_threshold(const YamlValue& value, std::string_view what) {
  const Bytes threshold = read_bytes(value, what);
  if (threshold == Bytes()) {
    refuse(value.place, what, value.text, "1 B or more; left out, a share of the limit");
  }
  return threshold;
}

void read_red(const YamlMap& map, QueueSpec& queue) {
  if (const auto* v = map.find("min")) queue.red_min = read_threshold(*v, "min");
  if (const auto* v = map.find("max")) queue.red_max = read_threshold(*v, "max");
  if (queue.red_max.count() > 0 && queue.red_min >= queue.red_max) {
    throw InputError(map.place(), "red needs min below max: " + to_string(queue.red_min) + " and " +
                                      to_string(queue.red_max));
  }
  if (const auto* v = map.find("probability")) {
    queue.red_probability = read_probability(*v, "probability");
  }
  if (const auto* v = map.find("weight_shift")) {
    queue.red_weight_shift =
        static_cast<uint32_t>(read_integer(*v, "weight_shift", {1, Red::kWeightShiftMax}));
  }
  if (const auto* v = map.find("gentle")) queue.red_gentle = read_bool(*v, "gentle");
}

void read_codel(const YamlMap& map, QueueSpec& queue) {
  if (const auto* v = map.find("target")) queue.codel_target = read_positive(*v, "target");
  if (const auto* v = map.find("interval")) queue.codel_interval = read_positive(*v, "interval");
  if (const auto* v = map.find("flows")) {
    queue.fq_flows = static_cast<uint32_t>(read_integer(*v, "flows", {1, 65'536}));
  }
  if (const auto* v = map.find("quantum")) {
    queue.fq_quantum = read_bytes(*v, "quantum");
    constexpr Bytes kMax = Bytes(int64_t{1} << 30);
    if (queue.fq_quantum.count() < 1 || queue.fq_quantum > kMax) {
      refuse(v->place, "quantum", v->text, "1 B to 1 GiB");
    }
  }
}

void read_pie(const YamlMap& map, QueueSpec& queue) {
  if (const auto* v = map.find("target")) queue.pie_target = read_positive(*v, "target");
  if (const auto* v = map.find("update")) queue.pie_update = read_positive(*v, "update");
  if (const auto* v = map.find("burst")) queue.pie_burst = read_duration(*v, "burst");
}

QueueSpec of_kind(Kind kind, const QueueSpec& base) {
  if (kind == base.kind) return base;
  QueueSpec queue;
  queue.kind = kind;
  queue.limit = base.limit;
  queue.ecn = base.ecn && kind != Kind::kDropTail;
  return queue;
}

}  // namespace

QueueSpec read_queue(const YamlValue& value, const QueueSpec& base) {
  if (value.is_scalar()) {
    return of_kind(read_kind(value, "queue"), base);
  }
  const YamlValue* kind = value.find("kind");
  QueueSpec queue = base;
  if (kind != nullptr) queue = of_kind(read_kind(*kind, "kind"), base);
  const YamlMap map(value, "a queue of kind " + kinds()[static_cast<size_t>(queue.kind)],
                    keys_of(queue.kind));
  if (const auto* v = map.find("limit")) queue.limit = read_limit(*v);
  if (const auto* v = map.find("ecn")) {
    queue.ecn = read_bool(*v, "ecn");
    if (queue.ecn && queue.kind == Kind::kDropTail) {
      refuse(v->place, "a droptail queue cannot mark: ecn", v->text, "false, or another kind");
    }
  }
  if (queue.kind == Kind::kRed) read_red(map, queue);
  if (queue.kind == Kind::kCodel || queue.kind == Kind::kFqCodel) read_codel(map, queue);
  if (queue.kind == Kind::kPie) read_pie(map, queue);
  return queue;
}

}  // namespace violin
