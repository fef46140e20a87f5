#include "emulator/scenario/scenario_node.hh"

#include <vector>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/scenario_filter.hh"
#include "emulator/scenario/scenario_routing.hh"

namespace violin {
namespace {

std::pair<double, double> read_coordinates(const YamlValue& value) {
  constexpr double kMaxLatitude = 90, kMaxLongitude = 180;
  if (!value.is_list() || value.items.size() != 2) {
    throw InputError(value.place, "coordinates are [latitude, longitude] in degrees");
  }
  const double latitude = read_decimal(*value.items[0], "latitude");
  const double longitude = read_decimal(*value.items[1], "longitude");
  if (latitude < -kMaxLatitude || latitude > kMaxLatitude) {
    refuse(value.items[0]->place, "latitude", value.items[0]->text, "-90 to 90");
  }
  if (longitude < -kMaxLongitude || longitude > kMaxLongitude) {
    refuse(value.items[1]->place, "longitude", value.items[1]->text, "-180 to 180");
  }
  return {latitude, longitude};
}

void check_place(const NodeKeys& keys, const ScenarioIndex& index, const Scenario& scenario,
                 const NodeSpec& node) {
  const bool is_virtual = node.plane != "underlay";
  if (!keys.place) {
    if (is_virtual && scenario.has_underlay()) {
      throw InputError(
          node.at, "a node of a violin needs a place, the overlay host it runs on: " + node.name);
    }
    return;
  }
  if (!is_virtual) {
    refuse(keys.place_at, "a node of the underlay has no place", *keys.place,
           "place on nodes of violins");
  }
  if (!scenario.has_underlay()) {
    refuse(keys.place_at, "there is no underlay to place nodes in", *keys.place,
           "no place, or an underlay with this host");
  }
  const int host = index.find_node("underlay", *keys.place);
  if (host >= 0 && scenario.nodes[static_cast<size_t>(host)].kind == NodeKind::kHost) return;
  std::vector<std::string> hosts;
  for (const NodeSpec& other : scenario.nodes) {
    if (other.plane == "underlay" && other.kind == NodeKind::kHost) hosts.push_back(other.name);
  }
  refuse_word(keys.place_at, "the place is no overlay host", *keys.place, hosts);
}

}  // namespace

NodeKeys read_node_keys(const YamlMap& map, const ScenarioFiles& files) {
  NodeKeys keys;
  if (const auto* v = map.find("kind")) {
    keys.kind = static_cast<NodeKind>(read_word(*v, "kind", {"host", "switch", "router"}));
  }
  if (const auto* v = map.find("backend")) {
    // The words are those of Backend.
    keys.backend = static_cast<Backend>(
        read_word(*v, "backend", {"default", "model", "uml", "netns", "linux"}));
    keys.backend_at = v->place;
  }
  if (const auto* v = map.find("routing")) {
    keys.routing = read_routing(*v, files);
    keys.routing_at = v->place;
  }
  if (const auto* v = map.find("firewall")) keys.firewall = read_firewall(*v, files);
  if (const auto* v = map.find("nat")) keys.nat = read_nat(*v);
  if (const auto* v = map.find("place")) {
    keys.place = read_text(*v, "place");
    keys.place_at = v->place;
  }
  if (const auto* v = map.find("coordinates")) keys.coordinates = read_coordinates(*v);
  return keys;
}

NodeKeys laid_over(const NodeKeys& over, const NodeKeys& under) {
  NodeKeys keys = over;
  if (!keys.kind) keys.kind = under.kind;
  if (!keys.coordinates) keys.coordinates = under.coordinates;
  if (!keys.firewall) keys.firewall = under.firewall;
  if (!keys.nat) keys.nat = under.nat;
  if (!keys.backend) {
    keys.backend = under.backend;
    keys.backend_at = under.backend_at;
  }
  if (!keys.routing) {
    keys.routing = under.routing;
    keys.routing_at = under.routing_at;
  }
  if (!keys.place) {
    keys.place = under.place;
    keys.place_at = under.place_at;
  }
  return keys;
}

void apply_node_keys(const NodeKeys& keys, const ScenarioIndex& index, const Scenario& scenario,
                     NodeSpec& node) {
  if (!keys.kind) {
    refuse(node.at, "the node's kind is missing", node.name,
           "kind: host, kind: switch or kind: router");
  }
  node.kind = *keys.kind;
  if (keys.coordinates) node.coordinates = keys.coordinates;
  check_place(keys, index, scenario, node);
  node.place = keys.place.value_or("");
  // A switch is always our own; a default for a whole plane is meant for its hosts and routers.
  if (keys.nat && node.kind != NodeKind::kRouter) {
    throw InputError(keys.nat->at, "only a router translates addresses, and not " + node.name);
  }
  if (keys.firewall && node.kind == NodeKind::kSwitch) {
    throw InputError(node.at, "a switch has no firewall: " + node.name);
  }
  if (keys.firewall) node.filter.firewall = *keys.firewall;
  if (keys.nat) node.filter.nat = *keys.nat;
  if (node.kind == NodeKind::kRouter) node.routing = keys.routing.value_or(RoutingSpec());
  if (node.kind != NodeKind::kSwitch) node.backend = keys.backend.value_or(Backend::kDefault);
}

}  // namespace violin
