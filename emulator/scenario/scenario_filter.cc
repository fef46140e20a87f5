#include "emulator/scenario/scenario_filter.hh"

#include <algorithm>
#include <limits>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/yaml_map.hh"
#include "emulator/scenario/yaml_scalar.hh"

namespace violin {
namespace {

constexpr IntegerRange kPorts = {1, std::numeric_limits<uint16_t>::max()};

NatForward read_forward(const YamlValue& value) {
  const YamlMap map(value, "forward", {"port", "to", "protocol"});
  NatForward forward;
  forward.port = static_cast<uint16_t>(read_integer(map.require("port"), "port", kPorts));
  const AddressAndPort to = read_address_and_port(map.require("to"), "to");
  forward.to = to.address;
  forward.to_port = to.port.value_or(forward.port);
  if (const auto* v = map.find("protocol")) {
    forward.udp = read_word(*v, "protocol", {"tcp", "udp"}) == 1;
  }
  return forward;
}

}  // namespace

std::string read_firewall(const YamlValue& value, const ScenarioFiles& files) {
  std::string text;
  if (value.is_map()) {
    const YamlMap map(value, "firewall", {"text"});
    text = read_text(map.require("text"), "text");
  } else {
    text = files.text(value.place, read_text(value, "firewall"));
  }
  if (text.empty()) throw InputError(value.place, "the ruleset is empty");
  return text;
}

std::optional<AddressAndPort> parse_address_and_port(const std::string& text) {
  if (const auto address = IpAddress::parse(text)) return AddressAndPort{*address, std::nullopt};
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string front = text.substr(0, colon);
  if (front.starts_with("[") && front.ends_with("]")) front = front.substr(1, front.size() - 2);
  const auto address = IpAddress::parse(front);
  const auto port = parse_integer(text.substr(colon + 1));
  if (!address || !port || *port < kPorts.min || *port > kPorts.max) return std::nullopt;
  return AddressAndPort{*address, static_cast<uint16_t>(*port)};
}

AddressAndPort read_address_and_port(const YamlValue& value, const std::string& what) {
  const std::string& text = read_text(value, what);
  if (const auto parsed = parse_address_and_port(text)) return *parsed;
  refuse(value.place, what, text, "an address, and a port if need be: 10.0.0.2:80, [fd00::2]:80");
}

std::string to_string(const AddressAndPort& value) {
  const std::string address = to_string(value.address);
  if (!value.port) return address;
  return (value.address.is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(*value.port);
}

NatSpec read_nat(const YamlValue& value) {
  const YamlMap map(value, "nat", {"out", "forward"});
  NatSpec nat;
  nat.out = read_text(map.require("out"), "out");
  nat.at = value.place;
  for (const YamlValue* item : read_items(map.find("forward"))) {
    nat.forward.push_back(read_forward(*item));
  }
  return nat;
}

void check_nat(const NodeSpec& node) {
  const NatSpec& nat = node.filter.nat;
  std::vector<std::string> names;
  for (const InterfaceSpec& interface : node.interfaces) names.push_back(interface.name);
  if (nat.out.empty() || std::find(names.begin(), names.end(), nat.out) != names.end()) return;
  refuse_word(nat.at, node.name + " has no such interface to translate at", nat.out, names);
}

std::string nat_text(const NatSpec& nat) {
  std::string text = "{out: " + yaml_scalar(nat.out) + ", forward: [";
  for (const NatForward& forward : nat.forward) {
    text += &forward == nat.forward.data() ? "" : ", ";
    text += "{port: " + std::to_string(forward.port) +
            ", to: " + yaml_scalar(to_string(AddressAndPort{forward.to, forward.to_port})) +
            ", protocol: " + (forward.udp ? "udp" : "tcp") + "}";
  }
  return text + "]}";
}

}  // namespace violin
