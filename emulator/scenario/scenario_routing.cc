#include "emulator/scenario/scenario_routing.hh"

#include <limits>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/yaml_map.hh"
#include "emulator/scenario/yaml_scalar.hh"

namespace violin {
namespace {

RoutingKind read_kind(const YamlValue& value, const std::string& what) {
  return static_cast<RoutingKind>(read_word(value, what, routing_names()));
}

Duration read_whole_seconds(const YamlValue& value, const std::string& what) {
  const Duration span = read_duration(value, what);
  if (span < Duration::seconds(1) || span > OspfSpec::kIntervalMax ||
      span % Duration::seconds(1) != Duration()) {
    refuse(value.place, what, value.text, "1 s to 65535 s, whole seconds");
  }
  return span;
}

}  // namespace

const std::vector<std::string>& routing_names() {
  static const std::vector<std::string> names = {"static", "none", "ospf", "rip", "bgp", "isis"};
  return names;
}

RoutingSpec read_routing(const YamlValue& value, const ScenarioFiles& files) {
  RoutingSpec routing;
  if (!value.is_map()) {
    routing.kind = read_kind(value, "routing");
    return routing;
  }
  const YamlMap map(value, "routing", {"protocol", "config", "text"});
  const YamlValue& protocol = map.require("protocol");
  routing.kind = read_kind(protocol, "protocol");
  const YamlValue* file = map.find("config");
  const YamlValue* text = map.find("text");
  const YamlValue* given = file != nullptr ? file : text;
  if (given == nullptr) return routing;
  if (!is_protocol(routing.kind)) {
    refuse(protocol.place, "there is no daemon to configure: protocol", protocol.text,
           "ospf, rip, bgp or isis");
  }
  if (file != nullptr && text != nullptr) {
    throw InputError(text->place, "a configuration is a file (config:) or a text, not both");
  }
  routing.configuration = file != nullptr ? files.text(file->place, read_text(*file, "config"))
                                          : read_text(*text, "text");
  if (routing.configuration.empty()) {
    throw InputError(given->place, "the configuration is empty");
  }
  return routing;
}

std::string routing_text(const RoutingSpec& routing) {
  const std::string& word = routing_names()[static_cast<size_t>(routing.kind)];
  if (routing.configuration.empty()) return word;
  return "{protocol: " + word + ", text: " + yaml_scalar(routing.configuration) + "}";
}

void apply_ospf_keys(const YamlValue& value, OspfSpec& ospf) {
  const YamlMap map(value, "ospf", {"cost", "area", "hello", "dead"});
  if (const auto* v = map.find("cost")) {
    ospf.cost = static_cast<int>(read_integer(*v, "cost", {1, OspfSpec::kCostMax}));
  }
  if (const auto* v = map.find("area")) {
    ospf.area =
        static_cast<uint32_t>(read_integer(*v, "area", {0, std::numeric_limits<uint32_t>::max()}));
  }
  if (const auto* v = map.find("hello")) ospf.hello = read_whole_seconds(*v, "hello");
  if (const auto* v = map.find("dead")) ospf.dead = read_whole_seconds(*v, "dead");
  if (ospf.dead <= ospf.hello) {
    const YamlValue& at = map.has("dead") ? map.require("dead") : value;
    refuse(at.place, "a neighbour would be dead between two hellos: dead", to_string(ospf.dead),
           "more than hello, " + to_string(ospf.hello));
  }
}

std::string ospf_text(const OspfSpec& ospf) {
  std::string text;
  if (ospf.cost) text += "cost: " + std::to_string(*ospf.cost) + ", ";
  return text + "area: " + std::to_string(ospf.area) + ", hello: " + to_string(ospf.hello) +
         ", dead: " + to_string(ospf.dead);
}

}  // namespace violin
