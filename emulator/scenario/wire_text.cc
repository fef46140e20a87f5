#include "emulator/scenario/wire_text.hh"

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "core/units.hh"

namespace violin {
namespace {

// Joins "key: value" pairs with commas.
class Keys {
 public:
  void add(std::string_view key, const std::string& value) {
    if (!text_.empty()) text_ += ", ";
    text_.append(key).append(": ").append(value);
  }
  void add_map(std::string_view key, const Keys& map) { add(key, "{" + map.text_ + "}"); }
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

std::string rate_text(BitRate rate) { return rate.unlimited() ? "unlimited" : to_string(rate); }

std::string jitter_text(const JitterSpec& jitter) {
  constexpr std::array<std::string_view, 4> kNames = {"uniform", "normal", "pareto",
                                                      "paretonormal"};
  Keys keys;
  keys.add("stddev", to_string(jitter.stddev));
  keys.add("distribution", std::string(kNames[static_cast<size_t>(jitter.distribution)]));
  if (!jitter.correlation.is_never()) keys.add("correlation", to_string(jitter.correlation));
  return "{" + keys.text() + "}";
}

std::string loss_text(std::monostate) { return "0 %"; }
std::string loss_text(const BernoulliLoss& loss) {
  Keys keys;
  keys.add("random", to_string(loss.probability));
  if (!loss.correlation.is_never()) keys.add("correlation", to_string(loss.correlation));
  return "{" + keys.text() + "}";
}
std::string loss_model_text(
    std::string_view model,
    std::initializer_list<std::pair<std::string_view, Probability>> probabilities) {
  Keys keys, outer;
  for (const auto& [name, probability] : probabilities) keys.add(name, to_string(probability));
  outer.add_map(model, keys);
  return "{" + outer.text() + "}";
}
std::string loss_text(const GilbertElliottLoss& loss) {
  return loss_model_text(
      "gemodel",
      {{"p", loss.p}, {"r", loss.r}, {"loss_bad", loss.loss_bad}, {"loss_good", loss.loss_good}});
}
std::string loss_text(const FourStateLoss& loss) {
  return loss_model_text("state", {{"p13", loss.p13},
                                   {"p31", loss.p31},
                                   {"p32", loss.p32},
                                   {"p23", loss.p23},
                                   {"p14", loss.p14}});
}

std::string reorder_text(const ReorderSpec& reorder) {
  Keys keys;
  keys.add("percent", to_string(reorder.probability));
  if (!reorder.correlation.is_never()) keys.add("correlation", to_string(reorder.correlation));
  if (reorder.gap != 0) keys.add("gap", std::to_string(reorder.gap));
  return "{" + keys.text() + "}";
}

std::string limit_text(const PacketLimit& limit) {
  return std::to_string(limit.packets) + " packets";
}
std::string limit_text(const ByteLimit& limit) { return to_string(limit.bytes); }
std::string limit_text(const TimeLimit& limit) { return to_string(limit.span); }

void add_discipline(const QueueSpec& queue, Keys& keys) {
  using Kind = QueueSpec::Kind;
  if (queue.kind == Kind::kRed) {
    if (queue.red_min.count() > 0) keys.add("min", to_string(queue.red_min));
    if (queue.red_max.count() > 0) keys.add("max", to_string(queue.red_max));
    keys.add("probability", to_string(queue.red_probability));
    keys.add("weight_shift", std::to_string(queue.red_weight_shift));
    keys.add("gentle", queue.red_gentle ? "true" : "false");
  }
  if (queue.kind == Kind::kCodel || queue.kind == Kind::kFqCodel) {
    keys.add("target", to_string(queue.codel_target));
    keys.add("interval", to_string(queue.codel_interval));
  }
  if (queue.kind == Kind::kFqCodel) {
    keys.add("flows", std::to_string(queue.fq_flows));
    keys.add("quantum", to_string(queue.fq_quantum));
  }
  if (queue.kind == Kind::kPie) {
    keys.add("target", to_string(queue.pie_target));
    keys.add("update", to_string(queue.pie_update));
    keys.add("burst", to_string(queue.pie_burst));
  }
}

std::string queue_text(const QueueSpec& queue) {
  constexpr std::array<std::string_view, 5> kNames = {"droptail", "red", "codel", "fq_codel",
                                                      "pie"};
  Keys keys;
  keys.add("kind", std::string(kNames[static_cast<size_t>(queue.kind)]));
  keys.add("limit", std::visit([](const auto& limit) { return limit_text(limit); }, queue.limit));
  if (queue.ecn) keys.add("ecn", "true");
  add_discipline(queue, keys);
  return "{" + keys.text() + "}";
}

void add_patch(const WirePatch& patch, Keys& keys) {
  if (patch.rate) keys.add("rate", rate_text(*patch.rate));
  if (patch.overhead) keys.add("overhead", to_string(*patch.overhead));
  if (patch.delay) keys.add("delay", to_string(*patch.delay));
  if (patch.jitter) keys.add("jitter", jitter_text(*patch.jitter));
  if (patch.loss) {
    keys.add("loss", std::visit([](const auto& loss) { return loss_text(loss); }, *patch.loss));
  }
  if (patch.duplicate) keys.add("duplicate", to_string(*patch.duplicate));
  if (patch.corrupt) keys.add("corrupt", to_string(*patch.corrupt));
  if (patch.reorder) keys.add("reorder", reorder_text(*patch.reorder));
}

}  // namespace

std::string trace_text(const RateTrace& trace) {
  std::string text;
  for (const uint32_t at : trace.opportunities_ms) {
    if (!text.empty()) text += ", ";
    text += std::to_string(at);
  }
  return text;
}

std::string wire_patch_text(const WirePatch& patch) {
  Keys keys;
  add_patch(patch, keys);
  return keys.text();
}

std::string wire_text(const WireSpec& wire, const TraceNames& trace_names) {
  const WireSpec cable;
  WirePatch patch;
  if (wire.rate != cable.rate) patch.rate = wire.rate;
  if (wire.overhead != cable.overhead) patch.overhead = wire.overhead;
  if (wire.delay != cable.delay) patch.delay = wire.delay;
  if (wire.jitter != cable.jitter) patch.jitter = wire.jitter;
  if (wire.loss != cable.loss) patch.loss = wire.loss;
  if (wire.duplicate != cable.duplicate) patch.duplicate = wire.duplicate;
  if (wire.corrupt != cable.corrupt) patch.corrupt = wire.corrupt;
  if (wire.reorder != cable.reorder) patch.reorder = wire.reorder;
  Keys keys;
  add_patch(patch, keys);
  if (wire.trace != nullptr) {
    const auto name = trace_names.find(wire.trace.get());
    keys.add("trace",
             name == trace_names.end() ? "[" + trace_text(*wire.trace) + "]" : "*" + name->second);
  }
  if (wire.queue != cable.queue) keys.add("queue", queue_text(wire.queue));
  if (wire.mtu != cable.mtu) keys.add("mtu", std::to_string(wire.mtu));
  return keys.text();
}

}  // namespace violin
