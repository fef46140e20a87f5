#pragma once

#include <string>

#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_document.hh"

namespace violin {

// The value of `firewall:`, a file with a ruleset of nftables or {text: its text}. Throws
// InputError.
std::string read_firewall(const YamlValue& value, const ScenarioFiles& files);

// The value of `nat:`, {out: INTERFACE, forward: [{port: 8080, to: 10.0.0.2:80, protocol: tcp}]}.
// Throws InputError.
NatSpec read_nat(const YamlValue& value);
// That the node has the interface. Throws InputError at `nat:`.
void check_nat(const NodeSpec& node);

// "10.0.0.2:80", "[fd00::2]:80"; throws InputError.
struct AddressAndPort {
  IpAddress address;
  std::optional<uint16_t> port;
};
AddressAndPort read_address_and_port(const YamlValue& value, const std::string& what);
// The same of a text; nothing when it is neither.
std::optional<AddressAndPort> parse_address_and_port(const std::string& text);
std::string to_string(const AddressAndPort& value);

// As read_nat() reads it.
std::string nat_text(const NatSpec& nat);

}  // namespace violin
