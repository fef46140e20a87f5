#pragma once

#include <string>
#include <vector>

#include "emulator/scenario/plane_context.hh"
#include "emulator/scenario/yaml_document.hh"

// Reads one plane, the underlay or a violin, into a scenario: its nodes, links and addresses.
//
// Links come in this order, which numbers interfaces and subnets: the edges of `graph:`, `matrix:`
// or `topology:`, then every `attach:` of the nodes, then `links:`, each in file order.
// An endpoint is "node", "node:eth1" or {node:, interface:, address:}; a range h1..h8 of nodes with
// a single one is a fan-out, two of equal length are pairs; the links of a named entry that makes
// several are NAME.1, NAME.2 … . Values are laid over each other: built-in defaults,
// `defaults: {link:}` of the file, `defaults:` of the plane, the graph's own, the link's keys, and
// its "a->b" keys for one direction (by the nodes as written, or literally a for the first end and
// b for the second). A violin's `place:` and `backend:` hold for its nodes that say nothing, and go
// before those of `defaults: {node:}`. Nodes of a graph are routers, of a matrix hosts; an entry in
// `nodes:` with the name of an imported node changes it.

namespace violin {

// Appends the plane `name`; the underlay must come before any violin. Throws InputError.
void read_plane(const PlaneContext& context, const std::string& name, const Place& at,
                const YamlValue& value);

// Refuses impossible `defaults:` even where no link or node would use them.
void check_defaults(const PlaneContext& context);

// The keys of the underlay and of a violin, as the JSON schema must have them.
std::vector<std::string> plane_keys(bool underlay);
// The keys of a node.
std::vector<std::string> node_keys();

}  // namespace violin
