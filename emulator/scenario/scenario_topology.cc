#include "emulator/scenario/scenario_topology.hh"

#include <utility>

#include "emulator/scenario/addressing.hh"
#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/plane_builder.hh"
#include "emulator/scenario/plane_graph.hh"
#include "emulator/scenario/plane_links.hh"
#include "emulator/scenario/scenario_filter.hh"
#include "emulator/scenario/scenario_link.hh"
#include "emulator/scenario/scenario_node.hh"
#include "emulator/scenario/scenario_routing.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

// Of `defaults: {node:}`, which is there.
NodeKeys read_default_node_keys(const PlaneContext& context) {
  return read_node_keys(
      YamlMap(*context.node_defaults, "defaults of nodes", {"kind", "backend", "place", "routing"}),
      context.files);
}

class PlaneReader {
 public:
  PlaneReader(const PlaneContext& context, const std::string& name, const Place& at,
              const YamlValue& value)
      : context_(context),
        is_underlay_(name == "underlay"),
        map_(value, is_underlay_ ? "the underlay" : "a violin", plane_keys(is_underlay_)),
        builder_(context.scenario, context.index, name),
        graph_(context, builder_, base_),
        links_(context, builder_, base_) {
    spec_.name = name;
    spec_.is_underlay = is_underlay_;
    spec_.at = at;
    range_ = {context.scenario.nodes.size(), context.scenario.links.size()};
  }

  void read();

 private:
  void read_plane_keys();
  void read_tunnel_cost_key();
  void read_base();
  void read_nodes();
  void read_node(const YamlEntry& entry);
  void change_imported(int index, const NodeKeys& keys, const Place& at);
  AddressPlan read_address_plan();

  const PlaneContext& context_;
  bool is_underlay_;
  YamlMap map_;
  PlaneBuilder builder_;
  PlaneSpec spec_;
  PlaneRange range_;
  BaseLink base_;
  NodeKeys base_node_;
  PlaneGraph graph_;
  PlaneLinks links_;
};

void PlaneReader::read_plane_keys() {
  if (const auto* v = map_.find("encryption")) {
    spec_.encryption = static_cast<Encryption>(read_word(*v, "encryption", encryption_names()));
  }
  if (!is_underlay_) read_tunnel_cost_key();
  if (const auto* v = map_.find("routing")) spec_.routing = read_routing(*v, context_.files).kind;
  if (const auto* v = map_.find("paths")) {
    spec_.is_matrix = read_word(*v, "paths", {"shortest", "direct"}) == 1;
    if (!spec_.is_matrix && map_.find("matrix") != nullptr) {
      refuse(v->place, "every pair of a matrix has its own link and takes it: paths", v->text,
             "direct, or no paths: at all");
    }
  }
}

// Afterwards nobody can tell which of these it was, but for what `origin` says.
void PlaneReader::read_tunnel_cost_key() {
  if (const auto* v = map_.find("tunnel_cost")) {
    spec_.tunnel_cost = read_tunnel_cost(*v);
  } else if (context_.calibration != nullptr) {
    spec_.tunnel_cost = context_.calibration->cost_of(spec_.encryption, spec_.at);
  } else {
    spec_.tunnel_cost = default_tunnel_cost(spec_.encryption);
  }
}

void PlaneReader::read_base() {
  apply_wire_map(context_.link_defaults, "defaults of links", context_.files, base_.wire);
  apply_wire_map(map_.find("defaults"), "defaults of " + spec_.name, context_.files, base_.wire);
  for (const YamlValue* defaults : {context_.link_defaults, map_.find("defaults")}) {
    base_.has_delay |= defaults != nullptr && defaults->find("delay") != nullptr;
  }
  if (const auto* v = map_.find("ospf")) apply_ospf_keys(*v, base_.ospf);
  NodeKeys plane_keys = read_node_keys(map_, context_.files);
  NodeKeys file_keys;
  if (context_.node_defaults != nullptr) {
    file_keys = read_default_node_keys(context_);
    if (is_underlay_) file_keys.place.reset();
  }
  base_node_ = laid_over(plane_keys, file_keys);
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
  const NodeKeys keys = read_node_keys(map, context_.files);
  if (keys.backend && keys.kind == NodeKind::kSwitch && *keys.backend > Backend::kModel) {
    refuse(keys.backend_at, "a switch has no backend of its own", map.require("backend").text,
           "model");
  }
  if (keys.routing && keys.kind && *keys.kind != NodeKind::kRouter) {
    throw InputError(keys.routing_at, "only routers have a routing of their own");
  }
  for (const std::string& name : expand_names(entry.key_place, "a node's name", entry.key)) {
    const int existing = context_.index.find_node(spec_.name, name);
    if (existing >= 0 && graph_.take_node(existing)) {
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
    if (graph_.take_node(index)) {
      change_imported(index, {}, context_.scenario.nodes[i].at);
    }
  }
  for (const YamlEntry& entry : entries) {
    if (!entry.value->is_map()) continue;
    for (const YamlValue* attach : read_items(entry.value->find("attach"))) {
      links_.read_attach(entry.key, entry.key_place, *attach);
    }
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
  graph_.read(map_);
  spec_.is_matrix |= graph_.is_matrix();
  read_nodes();
  if (const auto* links = map_.find("links")) {
    if (!links->is_list()) throw InputError(links->place, "links must be a list");
    for (const YamlPointer& link : links->items) links_.read_link(*link);
  }
  builder_.finish();
  for (size_t i = range_.first_node; i < context_.scenario.nodes.size(); ++i) {
    check_nat(context_.scenario.nodes[i]);
  }
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
  read_default_node_keys(context);
}

std::vector<std::string> plane_keys(bool underlay) {
  std::vector<std::string> keys = {"graph", "matrix",   "topology",   "nodes",
                                   "links", "defaults", "addressing", "routing",
                                   "ospf",  "paths",    "backend"};
  if (!underlay) keys.insert(keys.end(), {"encryption", "tunnel_cost", "place"});
  return keys;
}

std::vector<std::string> node_keys() {
  return {"kind", "place", "backend", "routing", "firewall", "nat", "attach", "coordinates"};
}

}  // namespace violin
