#pragma once

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_document.hh"

namespace violin {

// The value of `routing:`, a word or {protocol: ospf, config: FILE}; instead of a file its text may
// stand there (text:). Throws InputError.
RoutingSpec read_routing(const YamlValue& value, const ScenarioFiles& files);
// As read_routing() reads it.
std::string routing_text(const RoutingSpec& routing);

// Lays the keys of an `ospf:` over a link's: cost, area, hello, dead. Throws InputError.
void apply_ospf_keys(const YamlValue& value, OspfSpec& ospf);
// As apply_ospf_keys() reads it, without braces.
std::string ospf_text(const OspfSpec& ospf);

}  // namespace violin
