#include "emulator/scenario/plane_links.hh"

#include <utility>

#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/scenario_link.hh"
#include "emulator/scenario/scenario_routing.hh"
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

}  // namespace

void PlaneLinks::read_attach(const std::string& node, const Place& at, const YamlValue& value) {
  const YamlMap map(value, "attach",
                    link_keys_of(value, {"to", "name", "interface", "address", "ospf"}));
  Endpoint first;
  first.text = node;
  first.nodes = expand_names(at, "a node", node);
  first.at = value.place;
  if (const auto* v = map.find("interface")) first.interface = read_text(*v, "interface");
  if (const auto* v = map.find("address")) first.addresses = read_addresses(*v);
  add(value, first, read_endpoint(map.require("to"), builder_.plane()));
}

void PlaneLinks::read_link(const YamlValue& value) {
  const YamlMap map(value, "a link", link_keys_of(value, link_only_keys()));
  const YamlValue& endpoints = map.require("endpoints");
  if (!endpoints.is_list() || endpoints.items.size() != 2) {
    refuse(endpoints.place, "endpoints", std::to_string(endpoints.items.size()) + " of them",
           "a list of two: [h1, s1], [h1..h8, s1], [h1..h2, r1..r2]");
  }
  add(value, read_endpoint(*endpoints.items[0], builder_.plane()),
      read_endpoint(*endpoints.items[1], builder_.plane()));
}

void PlaneLinks::apply_direction(const YamlEntry& entry, const Endpoint& first,
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

void PlaneLinks::add(const YamlValue& value, const Endpoint& first, const Endpoint& second) {
  LinkRequest request;
  request.at = value.place;
  request.forward = base_.wire;
  apply_wire_keys(value, context_.files, request.forward);
  request.backward = request.forward;
  request.ospf = base_.ospf;
  if (const YamlValue* ospf = value.find("ospf")) apply_ospf_keys(*ospf, request.ospf);
  bool has_queue = value.find("queue") != nullptr;
  for (const YamlEntry& entry : value.entries) {
    if (!is_direction_key(entry.key)) continue;
    apply_direction(entry, first, second, request);
    has_queue |= entry.value->find("queue") != nullptr;
  }
  settle_wire(value.place, {.from_default = !has_queue}, request.forward);
  settle_wire(value.place, {.from_default = !has_queue}, request.backward);
  add_each(value, first, second, request);
}

void PlaneLinks::add_each(const YamlValue& value, const Endpoint& first, const Endpoint& second,
                          const LinkRequest& request) {
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
    one.ends[0] = end_of(first, i, context_.index, context_.scenario, builder_.plane());
    one.ends[1] = end_of(second, i, context_.index, context_.scenario, builder_.plane());
    builder_.add_link(std::move(one));
  }
}

std::vector<std::string> link_only_keys() { return {"name", "endpoints", "ospf"}; }

}  // namespace violin
