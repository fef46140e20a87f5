#pragma once

#include <optional>
#include <string>

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_index.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {

// What `kind:`, `backend:`, `routing:`, `firewall:`, `nat:`, `place:` and `coordinates:` say of a
// node, or a plane of its nodes; nothing where they are silent.
struct NodeKeys {
  std::optional<NodeKind> kind;
  std::optional<Backend> backend;
  std::optional<RoutingSpec> routing;
  std::optional<std::string> firewall;
  std::optional<NatSpec> nat;
  std::optional<std::string> place;
  std::optional<std::pair<double, double>> coordinates;
  Place place_at;    // of the value of `place:`
  Place backend_at;  // of the value of `backend:`
  Place routing_at;  // of the value of `routing:`
};

// Reads those of the keys that the map has. Throws InputError.
NodeKeys read_node_keys(const YamlMap& map, const ScenarioFiles& files);

// `over` where it speaks, else `under`.
NodeKeys laid_over(const NodeKeys& over, const NodeKeys& under);

// Gives a node what `keys` say and refuses what cannot be: no kind, a virtual node without a place
// when there is an underlay, a place that is no overlay host, a switch that is not our model.
void apply_node_keys(const NodeKeys& keys, const ScenarioIndex& index, const Scenario& scenario,
                     NodeSpec& node);

}  // namespace violin
