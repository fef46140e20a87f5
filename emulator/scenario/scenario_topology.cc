#include "emulator/scenario/scenario_topology.hh"

#include <limits>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "emulator/scenario/addressing.hh"
#include "emulator/scenario/imported_graph.hh"
#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/plane_builder.hh"
#include "emulator/scenario/scenario_endpoint.hh"
#include "emulator/scenario/scenario_link.hh"
#include "emulator/scenario/scenario_node.hh"
#include "emulator/scenario/topology_generator.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

bool is_direction_key(std::string_view key) { return key.find("->") != std::string_view::npos; }

// The allowed keys of a link map: its own, the wire's, and any direction key that it has.
std::vector<std::string> link_keys_of(const YamlValue& value, std::vector<std::string> own) {
  own.insert(own.end(), wire_keys().begin(), wire_keys().end());
  for (const YamlEntry& entry : value.entries) {
    if (is_direction_key(entry.key)) own.push_back(entry.key);
  }
  return own;
}

class PlaneReader {
 public:
  PlaneReader(const PlaneContext& context, const std::string& name, const Place& at,
              const YamlValue& value)
      : context_(context),
        is_underlay_(name == "underlay"),
        map_(value, is_underlay_ ? "the underlay" : "a violin", plane_keys(is_underlay_)),
        builder_(context.scenario, context.index, name) {
    spec_.name = name;
    spec_.is_underlay = is_underlay_;
    spec_.at = at;
    range_ = {context.scenario.nodes.size(), context.scenario.links.size()};
  }

  void read();

 private:
  void read_plane_keys();
  void read_base();
  void read_graph();
  void read_imported(const ImportedGraph& graph, const Place& at, NodeKind kind);
  void read_generated(const YamlValue& value);
  int add_imported_node(const std::string& name, NodeKind kind, const Place& at);
  void read_nodes();
  void read_node(const YamlEntry& entry);
  void change_imported(int index, const NodeKeys& keys, const Place& at);
  void read_attach(const std::string& node, const Place& at, const YamlValue& value);
  void read_link(const YamlValue& value);
  void add_links(const YamlValue& value, const Endpoint& first, const Endpoint& second);
  void apply_direction(const YamlEntry& entry, const Endpoint& first, const Endpoint& second,
                       LinkRequest& request);
  AddressPlan read_address_plan();

  const PlaneContext& context_;
  bool is_underlay_;
  YamlMap map_;
  PlaneBuilder builder_;
  PlaneSpec spec_;
  PlaneRange range_;
  WireSpec base_wire_;  // defaults of the file, then of the plane
  bool base_has_delay_ = false;
  NodeKeys base_node_;
  std::unordered_map<int, bool> imported_;  // nodes that an entry may still change
};

void PlaneReader::read_plane_keys() {
  if (const auto* v = map_.find("encryption")) {
    spec_.encryption = static_cast<Encryption>(
        read_word(*v, "encryption", {"none", "aes-256-gcm", "chacha20-poly1305"}));
  }
  if (const auto* v = map_.find("routing")) {
    const std::string& text = read_text(*v, "routing");
    for (const std::string_view daemon :
         {"ospf", "ospf6", "rip", "ripng", "bgp", "isis", "eigrp", "babel", "frr", "bird"}) {
      if (text != daemon) continue;
      throw InputError(
          v->place, "routing: " + text + " is not available in this version: use static or none");
    }
    spec_.routing = static_cast<RoutingKind>(read_word(*v, "routing", {"static", "none"}));
  }
  if (const auto* v = map_.find("paths")) {
    spec_.is_matrix = read_word(*v, "paths", {"shortest", "direct"}) == 1;
  }
}

void PlaneReader::read_base() {
  apply_wire_map(context_.link_defaults, "defaults of links", context_.files, base_wire_);
  apply_wire_map(map_.find("defaults"), "defaults of " + spec_.name, context_.files, base_wire_);
  for (const YamlValue* defaults : {context_.link_defaults, map_.find("defaults")}) {
    base_has_delay_ |= defaults != nullptr && defaults->find("delay") != nullptr;
  }
  NodeKeys plane_keys = read_node_keys(map_);
  NodeKeys file_keys;
  if (context_.node_defaults != nullptr) {
    file_keys = read_node_keys(
        YamlMap(*context_.node_defaults, "defaults of nodes", {"kind", "backend", "place"}));
    if (is_underlay_) file_keys.place.reset();
  }
  base_node_ = laid_over(plane_keys, file_keys);
}

int PlaneReader::add_imported_node(const std::string& name, NodeKind kind, const Place& at) {
  NodeSpec node;
  node.name = name;
  node.plane = spec_.name;
  node.kind = kind;
  node.at = at;
  const int index = builder_.add_node(std::move(node));
  imported_[index] = true;
  return index;
}

void PlaneReader::read_graph() {
  int sources = 0;
  for (const char* key : {"graph", "matrix", "topology"}) {
    const YamlValue* value = map_.find(key);
    if (value != nullptr && ++sources > 1) {
      throw InputError(value->place, "a plane takes one of graph, matrix and topology");
    }
  }
  if (const auto* v = map_.find("graph")) {
    const std::string& file = read_text(*v, "graph");
    std::istringstream input(context_.files.text(v->place, file));
    if (file.ends_with(".graphml")) {
      read_imported(read_graphml(input, file), v->place, NodeKind::kRouter);
    } else if (file.ends_with(".gml")) {
      read_imported(read_gml(input, file), v->place, NodeKind::kRouter);
    } else {
      refuse(v->place, "not a graph", file, "a file that ends in .graphml or .gml");
    }
  }
  if (const auto* v = map_.find("matrix")) {
    const std::string& file = read_text(*v, "matrix");
    std::istringstream input(context_.files.text(v->place, file));
    read_imported(read_rtt_matrix(input, file), v->place, NodeKind::kHost);
    spec_.is_matrix = true;
  }
  if (const auto* v = map_.find("topology")) read_generated(*v);
}

void PlaneReader::read_imported(const ImportedGraph& graph, const Place& at, NodeKind kind) {
  Scenario& scenario = context_.scenario;
  std::vector<int> indices;
  for (const ImportedNode& imported : graph.nodes) {
    indices.push_back(add_imported_node(imported.name, kind, at));
    if (!imported.latitude || !imported.longitude) continue;
    scenario.nodes.back().coordinates = {*imported.latitude, *imported.longitude};
  }
  for (const ImportedEdge& edge : graph.edges) {
    if (!edge.delay && !base_has_delay_) {
      throw InputError(at, "the edge between " + graph.nodes[static_cast<size_t>(edge.a)].name +
                               " and " + graph.nodes[static_cast<size_t>(edge.b)].name +
                               " has no delay and no coordinates; allowed: a delay in defaults:");
    }
    LinkRequest request;
    request.at = at;
    request.ends[0].node = indices[static_cast<size_t>(edge.a)];
    request.ends[1].node = indices[static_cast<size_t>(edge.b)];
    request.forward = base_wire_;
    request.forward.delay = edge.delay.value_or(base_wire_.delay);
    if (edge.rate) request.forward.rate = *edge.rate;
    if (edge.rate) request.forward.trace = nullptr;
    settle_wire(at, {}, request.forward);
    request.backward = request.forward;
    builder_.add_link(std::move(request));
  }
  for (const std::string& note : graph.notes) {
    scenario.defaults_used.push_back(spec_.name + ": " + note);
  }
}

void PlaneReader::read_generated(const YamlValue& value) {
  uint64_t seed = context_.scenario.seed;
  if (const YamlValue* given = value.is_map() ? value.find("seed") : nullptr) {
    constexpr int64_t kMaxSeed = std::numeric_limits<int64_t>::max();
    seed = static_cast<uint64_t>(read_integer(*given, "seed", {0, kMaxSeed}));
  }
  const GeneratedTopology topology =
      generate_topology(value, substream(seed, spec_.name, "topology"));
  WireSpec backbone = base_wire_, to_host = base_wire_;
  apply_wire_map(value.find("link"), "link", context_.files, backbone);
  apply_wire_map(value.find("host_link"), "host_link", context_.files, to_host);
  settle_wire(value.place, {}, backbone);
  settle_wire(value.place, {}, to_host);
  std::vector<int> indices;
  for (const GeneratedNode& node : topology.nodes) {
    indices.push_back(add_imported_node(node.name, node.kind, value.place));
  }
  for (const GeneratedLink& generated : topology.links) {
    LinkRequest request;
    request.at = value.place;
    request.ends[0].node = indices[static_cast<size_t>(generated.a)];
    request.ends[1].node = indices[static_cast<size_t>(generated.b)];
    request.forward = request.backward = generated.to_host ? to_host : backbone;
    builder_.add_link(std::move(request));
  }
}

void PlaneReader::change_imported(int index, const NodeKeys& keys, const Place& at) {
  NodeSpec& node = context_.scenario.nodes[static_cast<size_t>(index)];
  node.at = at;
  NodeKeys own;
  own.kind = node.kind;
  own.coordinates = node.coordinates;
  apply_node_keys(laid_over(laid_over(keys, own), base_node_), context_.index, context_.scenario,
                  node);
}

void PlaneReader::read_node(const YamlEntry& entry) {
  const YamlMap map(*entry.value, "a node", node_keys());
  const NodeKeys keys = read_node_keys(map);
  if (keys.backend && keys.kind == NodeKind::kSwitch && *keys.backend != Backend::kModel) {
    refuse(keys.backend_at, "a switch has no backend of its own", map.require("backend").text,
           "model");
  }
  for (const std::string& name : expand_names(entry.key_place, "a node's name", entry.key)) {
    const int existing = context_.index.find_node(spec_.name, name);
    if (existing >= 0 && imported_.erase(existing) > 0) {
      change_imported(existing, keys, entry.key_place);
      continue;
    }
    NodeSpec node;
    node.name = name;
    node.plane = spec_.name;
    node.at = entry.key_place;
    apply_node_keys(laid_over(keys, base_node_), context_.index, context_.scenario, node);
    builder_.add_node(std::move(node));
  }
}

void PlaneReader::read_nodes() {
  const auto& entries = read_entries(map_.find("nodes"), "nodes");
  for (const YamlEntry& entry : entries) read_node(entry);
  // Imported nodes that no entry names take the plane's defaults.
  for (size_t i = range_.first_node; i < context_.scenario.nodes.size(); ++i) {
    const int index = static_cast<int>(i);
    if (imported_.erase(index) > 0) {
      change_imported(index, {}, context_.scenario.nodes[i].at);
    }
  }
  for (const YamlEntry& entry : entries) {
    if (!entry.value->is_map()) continue;
    for (const YamlValue* attach : read_items(entry.value->find("attach"))) {
      read_attach(entry.key, entry.key_place, *attach);
    }
  }
}

void PlaneReader::read_attach(const std::string& node, const Place& at, const YamlValue& value) {
  const YamlMap map(value, "attach", link_keys_of(value, {"to", "name", "interface", "address"}));
  Endpoint first;
  first.text = node;
  first.nodes = expand_names(at, "a node", node);
  first.at = value.place;
  if (const auto* v = map.find("interface")) first.interface = read_text(*v, "interface");
  if (const auto* v = map.find("address")) first.addresses = read_addresses(*v);
  add_links(value, first, read_endpoint(map.require("to"), spec_.name));
}

void PlaneReader::read_link(const YamlValue& value) {
  const YamlMap map(value, "a link", link_keys_of(value, link_only_keys()));
  const YamlValue& endpoints = map.require("endpoints");
  if (!endpoints.is_list() || endpoints.items.size() != 2) {
    refuse(endpoints.place, "endpoints", std::to_string(endpoints.items.size()) + " of them",
           "a list of two: [h1, s1], [h1..h8, s1], [h1..h2, r1..r2]");
  }
  add_links(value, read_endpoint(*endpoints.items[0], spec_.name),
            read_endpoint(*endpoints.items[1], spec_.name));
}

void PlaneReader::apply_direction(const YamlEntry& entry, const Endpoint& first,
                                  const Endpoint& second, LinkRequest& request) {
  const std::string forward = first.text + "->" + second.text;
  const std::string backward = second.text + "->" + first.text;
  const std::string what = "direction " + entry.key;
  if (entry.key == forward || (entry.key == "a->b" && backward != "a->b")) {
    apply_wire_map(entry.value.get(), what, context_.files, request.forward);
  } else if (entry.key == backward || entry.key == "b->a") {
    apply_wire_map(entry.value.get(), what, context_.files, request.backward);
  } else {
    refuse_word(entry.key_place, "no such direction of this link", entry.key,
                {forward, backward, "a->b", "b->a"});
  }
}

void PlaneReader::add_links(const YamlValue& value, const Endpoint& first, const Endpoint& second) {
  LinkRequest request;
  request.at = value.place;
  request.forward = base_wire_;
  apply_wire_keys(value, context_.files, request.forward);
  request.backward = request.forward;
  bool has_queue = value.find("queue") != nullptr;
  for (const YamlEntry& entry : value.entries) {
    if (!is_direction_key(entry.key)) continue;
    apply_direction(entry, first, second, request);
    has_queue |= entry.value->find("queue") != nullptr;
  }
  settle_wire(value.place, {.from_default = !has_queue}, request.forward);
  settle_wire(value.place, {.from_default = !has_queue}, request.backward);
  std::string name;
  if (const YamlValue* given = value.find("name")) {
    name = read_text(*given, "name");
    require_name(given->place, "a link's name", name);
  }
  const size_t count = pair_count(value.place, first.nodes.size(), second.nodes.size());
  if (count > 1 && !(first.addresses.empty() && second.addresses.empty())) {
    throw InputError(first.addresses.empty() ? second.at : first.at,
                     "an address can only be given to a single link, not to a range");
  }
  for (size_t i = 0; i < count; ++i) {
    LinkRequest one = request;
    if (!name.empty()) one.name = count == 1 ? name : name + "." + std::to_string(i + 1);
    one.ends[0] = end_of(first, i, context_.index, context_.scenario, spec_.name);
    one.ends[1] = end_of(second, i, context_.index, context_.scenario, spec_.name);
    builder_.add_link(std::move(one));
  }
}

AddressPlan PlaneReader::read_address_plan() {
  AddressPlan plan;
  const YamlValue* value = map_.find("addressing");
  if (value == nullptr) return plan;
  plan.at = value->place;
  const YamlMap map(*value, "addressing", {"pool"});
  for (const YamlValue* item : read_items(&map.require("pool"))) {
    const std::string& text = read_text(*item, "pool");
    const auto pool = IpPrefix::parse(text);
    if (!pool || pool->base().is_multicast()) {
      refuse(item->place, "not a pool of addresses", text,
             "a prefix without host bits, as in 10.0.0.0/16 or fd00::/48");
    }
    for (const IpPrefix& other : plan.pools) {
      if (other.base().is_v6() != pool->base().is_v6()) continue;
      refuse(item->place, "a second pool of this family", text, "one for IPv4 and one for IPv6");
    }
    plan.pools.push_back(*pool);
  }
  return plan;
}

void PlaneReader::read() {
  read_plane_keys();
  read_base();
  context_.scenario.planes.push_back(spec_);
  read_graph();
  read_nodes();
  if (const auto* links = map_.find("links")) {
    if (!links->is_list()) throw InputError(links->place, "links must be a list");
    for (const YamlPointer& link : links->items) read_link(*link);
  }
  builder_.finish();
  context_.scenario.planes.back() = spec_;
  assign_addresses(context_.scenario, spec_, range_, read_address_plan());
}

}  // namespace

void read_plane(const PlaneContext& context, const std::string& name, const Place& at,
                const YamlValue& value) {
  PlaneReader(context, name, at, value).read();
}

void check_defaults(const PlaneContext& context) {
  WireSpec unused;
  apply_wire_map(context.link_defaults, "defaults of links", context.files, unused);
  if (context.node_defaults == nullptr) return;
  read_node_keys(
      YamlMap(*context.node_defaults, "defaults of nodes", {"kind", "backend", "place"}));
}

std::vector<std::string> plane_keys(bool underlay) {
  std::vector<std::string> keys = {"graph",    "matrix",     "topology", "nodes", "links",
                                   "defaults", "addressing", "routing",  "paths", "backend"};
  if (!underlay) keys.insert(keys.end(), {"encryption", "place"});
  return keys;
}

std::vector<std::string> node_keys() {
  return {"kind", "place", "backend", "attach", "coordinates"};
}

std::vector<std::string> link_only_keys() { return {"name", "endpoints"}; }

}  // namespace violin
