#pragma once

#include <string>
#include <unordered_set>

#include "emulator/scenario/imported_graph.hh"
#include "emulator/scenario/plane_builder.hh"
#include "emulator/scenario/plane_context.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {

// Reads the topology that a plane takes from elsewhere, `graph:`, `matrix:` or `topology:` (one of
// them), and adds its nodes and links to the plane: nodes of a graph are routers, of a matrix
// hosts. A rate or delay of the graph's own goes before `base`.
class PlaneGraph {
 public:
  PlaneGraph(const PlaneContext& context, PlaneBuilder& builder, const BaseLink& base)
      : context_(context), builder_(builder), base_(base) {}

  // `map` holds the plane's keys.
  void read(const YamlMap& map);
  // True when each pair has a link of its own, which its traffic takes.
  bool is_matrix() const { return is_matrix_; }
  // Takes a node of this topology; false when it is none, or was taken before. An entry in `nodes:`
  // may change such a node once.
  bool take_node(int index) { return nodes_.erase(index) > 0; }

 private:
  void read_file(const YamlValue& value);
  void read_matrix(const YamlValue& value);
  void add_imported(const ImportedGraph& graph, const Place& at, NodeKind kind);
  void add_generated(const YamlValue& value);
  int add_node(const std::string& name, NodeKind kind, const Place& at);

  const PlaneContext& context_;
  PlaneBuilder& builder_;
  const BaseLink& base_;
  bool is_matrix_ = false;
  std::unordered_set<int> nodes_;
};

}  // namespace violin
