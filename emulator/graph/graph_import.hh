#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/graph/graph_attribute.hh"
#include "emulator/scenario/imported_graph.hh"

// What GraphML and GML have in common once their syntax is gone: nodes and edges with named
// attributes, and how these attributes become names, delays and rates.

namespace violin {

struct RawGraphNode {
  std::string id;
  int line = 0;
  std::vector<GraphAttribute> attributes;
};

struct RawGraphEdge {
  std::string source;  // ids of nodes
  std::string target;
  int line = 0;
  std::vector<GraphAttribute> attributes;
};

struct RawGraph {
  bool directed = false;
  std::vector<RawGraphNode> nodes;
  std::vector<RawGraphEdge> edges;
  std::vector<std::string> notes;
};

inline constexpr size_t kMaximumGraphNodes = 500'000;
inline constexpr size_t kMaximumGraphEdges = 1'000'000;

// Attributes are found by name in any case:
// - label: the node's name; without one ("", "None", "?") its id is used.
// - Latitude, Longitude: degrees.
// - delay or latency of an edge: text with a unit; else from the coordinates of its ends.
// - rate or bandwidth: text with a unit; else LinkSpeedRaw in bit/s; else LinkSpeed in
//   LinkSpeedUnits (K, M, G, T bit/s), as the Topology Zoo has them.
// Edges from a node to itself are dropped. Notes say what was dropped, is missing or unreadable.
// Throws InputError for edges to unknown nodes, repeated ids, impossible coordinates, and delays
// and rates that are there but wrong.
ImportedGraph import_graph(const RawGraph& raw, const std::string& file_name);

// A valid scenario name made of a label: [A-Za-z][A-Za-z0-9_.-]* without "--" and "..", at most 60
// characters. Empty when nothing of the label can be used.
std::string name_from_label(std::string_view label);

}  // namespace violin
