#pragma once

#include <string>
#include <vector>

#include "emulator/scenario/plane_builder.hh"
#include "emulator/scenario/scenario_index.hh"
#include "emulator/scenario/yaml_document.hh"

namespace violin {

// One entry of `endpoints:` or the `to:` of an attach, as written: "node", "node:eth1", a range of
// either, or {node:, interface:, address:}.
struct Endpoint {
  std::string text;                // the node or range, as written
  std::vector<std::string> nodes;  // the range expanded
  std::string interface;           // empty: by number
  std::vector<InterfaceAddress> addresses;
  Place at;
};

// Reads an endpoint of a link in `plane`; a node of another plane is refused. Throws InputError.
Endpoint read_endpoint(const YamlValue& value, const std::string& plane);

// Reads `address:`, one or a list of 10.0.0.1/24 and fd00::1/64.
std::vector<InterfaceAddress> read_addresses(const YamlValue& value);

// The end that node number `i` of the endpoint is; a single node is every one. Refuses unknown
// nodes and addresses on switches.
EndRequest end_of(const Endpoint& endpoint, size_t i, const ScenarioIndex& index,
                  const Scenario& scenario, const std::string& plane);

}  // namespace violin
