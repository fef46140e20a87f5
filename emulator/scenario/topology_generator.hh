#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/random.hh"
#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/yaml_document.hh"

// Regular and random topologies, as `topology: {kind: …}` asks for them. Names are h1, h2 … for
// hosts, r1 … for routers, s1 … for switches. `hosts` is per router: one is linked to it directly,
// more share one subnet behind a switch.
//   star      hosts                      one switch s1 in the middle
//   line      routers, hosts (1)         r1 - r2 - …
//   tree      depth, fanout              routers above, the leaves are hosts
//   grid      rows, columns, hosts (1)   routers r1_1 … with their neighbours
//   dumbbell  pairs                      left1 … - r1 - r2 - right1 …; the link r1--r2
//   clos      spines, leaves, hosts (1)  spine1 …, leaf1 …, every leaf to every spine
//   random    routers, degree, hosts (1) connected: a random tree, then random edges until the mean
//                                        degree is reached; seeded
// At most a million nodes and two million links.

namespace violin {

struct GeneratedNode {
  std::string name;
  NodeKind kind = NodeKind::kHost;
};

struct GeneratedLink {
  int a = -1;  // indices into nodes
  int b = -1;
  bool to_host = false;  // has a host or its switch at one end; else it is of the backbone
};

struct GeneratedTopology {
  std::vector<GeneratedNode> nodes;
  std::vector<GeneratedLink> links;
};

// The keys that every kind takes beside its own: kind, link, host_link, seed. `link` and
// `host_link` hold wire keys for the backbone and for the links to hosts; they are the caller's to
// apply. `random` is used by kind: random only. Throws InputError.
GeneratedTopology generate_topology(const YamlValue& value, Random random);

}  // namespace violin
