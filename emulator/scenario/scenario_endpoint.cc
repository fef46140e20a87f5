#include "emulator/scenario/scenario_endpoint.hh"

#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

// "v1/h1" inside v1 is h1; in another plane it is an error, for only tunnels join planes.
std::string_view without_plane(const Place& place, std::string_view text,
                               const std::string& plane) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return text;
  if (text.substr(0, slash) != plane) {
    refuse(place, "a link cannot join two planes", text, "a node of " + plane);
  }
  return text.substr(slash + 1);
}

void set_node(Endpoint& endpoint, const Place& place, std::string_view text,
              const std::string& plane) {
  endpoint.text = std::string(without_plane(place, text, plane));
  endpoint.nodes = expand_names(place, "a node", endpoint.text);
}

}  // namespace

std::vector<InterfaceAddress> read_addresses(const YamlValue& value) {
  std::vector<InterfaceAddress> addresses;
  for (const YamlValue* item : read_items(&value)) {
    const std::string& text = read_text(*item, "address");
    const auto address = InterfaceAddress::parse(text);
    if (!address) {
      refuse(item->place, "not an address", text,
             "an address with its prefix length, as in 10.0.0.1/24 or fd00::1/64");
    }
    addresses.push_back(*address);
  }
  return addresses;
}

Endpoint read_endpoint(const YamlValue& value, const std::string& plane) {
  Endpoint endpoint;
  endpoint.at = value.place;
  if (!value.is_map()) {
    const std::string& text = read_text(value, "an endpoint");
    const size_t colon = text.find(':');
    set_node(endpoint, value.place, std::string_view(text).substr(0, colon), plane);
    if (colon != std::string::npos) {
      endpoint.interface = text.substr(colon + 1);
      require_name(value.place, "an interface's name", endpoint.interface);
    }
    return endpoint;
  }
  const YamlMap map(value, "an endpoint", {"node", "interface", "address"});
  const YamlValue& node = map.require("node");
  set_node(endpoint, node.place, read_text(node, "node"), plane);
  if (const auto* v = map.find("interface")) {
    endpoint.interface = read_text(*v, "interface");
    require_name(v->place, "an interface's name", endpoint.interface);
  }
  if (const auto* v = map.find("address")) {
    endpoint.addresses = read_addresses(*v);
    endpoint.at = v->place;
  }
  return endpoint;
}

EndRequest end_of(const Endpoint& endpoint, size_t i, const ScenarioIndex& index,
                  const Scenario& scenario, const std::string& plane) {
  EndRequest end;
  end.node = index.node(endpoint.at, plane, endpoint.nodes[endpoint.nodes.size() == 1 ? 0 : i]);
  end.interface = endpoint.interface;
  end.addresses = endpoint.addresses;
  end.at = endpoint.at;
  const NodeSpec& node = scenario.nodes[static_cast<size_t>(end.node)];
  if (node.kind == NodeKind::kSwitch && !end.addresses.empty()) {
    refuse(end.at, "a switch has no addresses", node.name, "addresses on hosts and routers");
  }
  return end;
}

}  // namespace violin
