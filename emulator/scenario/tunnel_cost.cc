#include "emulator/scenario/tunnel_cost.hh"

#include <algorithm>

#include "core/units.hh"
#include "emulator/scenario/workload_text.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

// Enough for a program's version and a machine's name.
constexpr size_t kOriginMax = 300;

Duration read_cost(const YamlMap& map, const std::string& key) {
  const YamlValue* value = map.find(key);
  if (value == nullptr) return {};
  const Duration cost = read_duration(*value, key);
  if (cost > kTunnelCostMax) {
    refuse(value->place, key, value->text, "0 s to " + to_string(kTunnelCostMax));
  }
  return cost;
}

std::string read_origin(const YamlValue& value) {
  const std::string& text = read_text(value, "origin");
  const bool is_line = std::none_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (text.size() > kOriginMax || !is_line) {
    refuse(value.place, "origin", text.substr(0, 20) + "…",
           "one line of at most " + std::to_string(kOriginMax) + " bytes");
  }
  return text;
}

}  // namespace

const std::vector<std::string>& encryption_names() {
  static const std::vector<std::string> kNames = {"none", "aes-256-gcm", "chacha20-poly1305"};
  return kNames;
}

std::string name_of(Encryption encryption) {
  return encryption_names()[static_cast<size_t>(encryption)];
}

std::vector<std::string> tunnel_cost_keys() {
  return {"per_frame", "per_kibibyte", "latency", "origin"};
}

TunnelCost read_tunnel_cost(const YamlValue& value) {
  const YamlMap map(value, "a tunnel_cost", tunnel_cost_keys());
  TunnelCost read;
  read.cost.per_frame = read_cost(map, "per_frame");
  read.cost.per_kibibyte = read_cost(map, "per_kibibyte");
  read.cost.latency = read_cost(map, "latency");
  if (const auto* origin = map.find("origin")) read.origin = read_origin(*origin);
  return read;
}

std::string tunnel_cost_text(const TunnelCost& cost) {
  std::string text = "{per_frame: " + to_string(cost.cost.per_frame) +
                     ", per_kibibyte: " + to_string(cost.cost.per_kibibyte) +
                     ", latency: " + to_string(cost.cost.latency);
  if (!cost.origin.empty()) text += ", origin: " + written_value(cost.origin);
  return text + "}";
}

// What an otherwise idle machine was measured to take. One cost for a whole cipher: that it depends
// on length did not show above the noise.
TunnelCost default_tunnel_cost(Encryption encryption) {
  const std::string origin = "violin calibrate at 7d2f529, AMD EPYC, 2 cores";
  const auto cost = [&origin](int64_t per_frame_ns, int64_t latency_ns) {
    return TunnelCost{
        {Duration::nanoseconds(per_frame_ns), Duration(), Duration::nanoseconds(latency_ns)},
        origin};
  };
  switch (encryption) {
    case Encryption::kNone:
      return cost(467, 54'419);
    case Encryption::kAes256Gcm:
      return cost(801, 69'418);
    case Encryption::kChaCha20Poly1305:
      return cost(1'154, 69'206);
  }
  return {};
}

}  // namespace violin
