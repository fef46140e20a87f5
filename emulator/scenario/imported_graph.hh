#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hh"
#include "core/units.hh"

// A topology that another tool wrote, as plain data: GraphML or GML (the Internet Topology Zoo
// files as they are) or a matrix of round-trip times. Making nodes and links of a scenario out of
// it is the business of plane_graph.hh.

namespace violin {

struct ImportedNode {
  std::string name;   // a valid name, unique in the graph: New_York, repeats New_York_2
  std::string label;  // as the file has it: "New York"
  std::optional<double> latitude, longitude;  // degrees
};

struct ImportedEdge {
  int a = -1;  // indices into ImportedGraph::nodes
  int b = -1;
  // One way. Computed from the coordinates at 2/3 of the speed of light, rounded to 1 us, when the
  // edge has none; nothing when an end has no coordinates either.
  std::optional<Duration> delay;
  std::optional<BitRate> rate;
};

struct ImportedGraph {
  std::vector<ImportedNode> nodes;
  std::vector<ImportedEdge> edges;
  std::vector<std::string> notes;  // what could not be used or was guessed, for `violin check`
};

// Each reads the whole stream or throws InputError with `file_name` and the line.
ImportedGraph read_graphml(std::istream& input, const std::string& file_name);
ImportedGraph read_gml(std::istream& input, const std::string& file_name);
// N x N round-trip times in milliseconds: nodes n0 …, each pair its own edge of half the RTT.
ImportedGraph read_rtt_matrix(std::istream& input, const std::string& file_name);

}  // namespace violin
