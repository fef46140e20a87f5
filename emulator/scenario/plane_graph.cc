#include "emulator/scenario/plane_graph.hh"

#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "emulator/scenario/scenario_link.hh"
#include "emulator/scenario/topology_generator.hh"

namespace violin {

int PlaneGraph::add_node(const std::string& name, NodeKind kind, const Place& at) {
  NodeSpec node;
  node.name = name;
  node.plane = builder_.plane();
  node.kind = kind;
  node.at = at;
  const int index = builder_.add_node(std::move(node));
  nodes_.insert(index);
  return index;
}

void PlaneGraph::read(const YamlMap& map) {
  int sources = 0;
  for (const char* key : {"graph", "matrix", "topology"}) {
    const YamlValue* value = map.find(key);
    if (value != nullptr && ++sources > 1) {
      throw InputError(value->place, "a plane takes one of graph, matrix and topology");
    }
  }
  if (const auto* v = map.find("graph")) read_file(*v);
  if (const auto* v = map.find("matrix")) read_matrix(*v);
  if (const auto* v = map.find("topology")) add_generated(*v);
}

void PlaneGraph::read_file(const YamlValue& value) {
  const std::string& file = read_text(value, "graph");
  std::istringstream input(context_.files.text(value.place, file));
  if (file.ends_with(".graphml")) {
    add_imported(read_graphml(input, file), value.place, NodeKind::kRouter);
  } else if (file.ends_with(".gml")) {
    add_imported(read_gml(input, file), value.place, NodeKind::kRouter);
  } else {
    refuse(value.place, "not a graph", file, "a file that ends in .graphml or .gml");
  }
}

void PlaneGraph::read_matrix(const YamlValue& value) {
  const std::string& file = read_text(value, "matrix");
  std::istringstream input(context_.files.text(value.place, file));
  add_imported(read_rtt_matrix(input, file), value.place, NodeKind::kHost);
  is_matrix_ = true;
}

void PlaneGraph::add_imported(const ImportedGraph& graph, const Place& at, NodeKind kind) {
  Scenario& scenario = context_.scenario;
  std::vector<int> indices;
  for (const ImportedNode& imported : graph.nodes) {
    indices.push_back(add_node(imported.name, kind, at));
    if (!imported.latitude || !imported.longitude) continue;
    scenario.nodes.back().coordinates = {*imported.latitude, *imported.longitude};
  }
  for (const ImportedEdge& edge : graph.edges) {
    if (!edge.delay && !base_.has_delay) {
      throw InputError(at, "the edge between " + graph.nodes[static_cast<size_t>(edge.a)].name +
                               " and " + graph.nodes[static_cast<size_t>(edge.b)].name +
                               " has no delay and no coordinates; allowed: a delay in defaults:");
    }
    LinkRequest request;
    request.at = at;
    request.ends[0].node = indices[static_cast<size_t>(edge.a)];
    request.ends[1].node = indices[static_cast<size_t>(edge.b)];
    request.ospf = base_.ospf;
    request.forward = base_.wire;
    request.forward.delay = edge.delay.value_or(base_.wire.delay);
    if (edge.rate) request.forward.rate = *edge.rate;
    if (edge.rate) request.forward.trace = nullptr;
    settle_wire(at, {}, request.forward);
    request.backward = request.forward;
    builder_.add_link(std::move(request));
  }
  for (const std::string& note : graph.notes) {
    scenario.defaults_used.push_back(builder_.plane() + ": " + note);
  }
}

void PlaneGraph::add_generated(const YamlValue& value) {
  uint64_t seed = context_.scenario.seed;
  if (const YamlValue* given = value.is_map() ? value.find("seed") : nullptr) {
    constexpr int64_t kMaxSeed = std::numeric_limits<int64_t>::max();
    seed = static_cast<uint64_t>(read_integer(*given, "seed", {0, kMaxSeed}));
  }
  const GeneratedTopology topology =
      generate_topology(value, substream(seed, builder_.plane(), "topology"));
  WireSpec backbone = base_.wire, to_host = base_.wire;
  apply_wire_map(value.find("link"), "link", context_.files, backbone);
  apply_wire_map(value.find("host_link"), "host_link", context_.files, to_host);
  settle_wire(value.place, {}, backbone);
  settle_wire(value.place, {}, to_host);
  std::vector<int> indices;
  for (const GeneratedNode& node : topology.nodes) {
    indices.push_back(add_node(node.name, node.kind, value.place));
  }
  for (const GeneratedLink& generated : topology.links) {
    LinkRequest request;
    request.at = value.place;
    request.ends[0].node = indices[static_cast<size_t>(generated.a)];
    request.ends[1].node = indices[static_cast<size_t>(generated.b)];
    request.ospf = base_.ospf;
    request.forward = request.backward = generated.to_host ? to_host : backbone;
    builder_.add_link(std::move(request));
  }
}

}  // namespace violin
