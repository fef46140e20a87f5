#include "emulator/scenario/scenario_index.hh"

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/name_range.hh"

namespace violin {
namespace {

std::string joined(std::string_view plane, std::string_view name) {
  return std::string(plane).append("/").append(name);
}

// The part of "v1/h1" after the slash.
std::string_view after_plane(std::string_view text) { return text.substr(text.find('/') + 1); }

int look_up(const std::unordered_map<std::string, int>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? -1 : found->second;
}

int find_interface(const NodeSpec& node, std::string_view name) {
  for (size_t i = 0; i < node.interfaces.size(); ++i) {
    if (node.interfaces[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int require_interface(const Place& place, const NodeSpec& node, std::string_view name) {
  const int interface = find_interface(node, name);
  if (interface >= 0) return interface;
  std::vector<std::string> known;
  for (const InterfaceSpec& other : node.interfaces) known.push_back(other.name);
  refuse_word(place, "no such interface of " + node.full_name(), name, known);
}

}  // namespace

// One end of a link as written: a node, and an interface when it says so.
struct ScenarioIndex::End {
  int node = -1;
  int interface = -1;
};

void ScenarioIndex::update() {
  for (; nodes_known_ < scenario_.nodes.size(); ++nodes_known_) {
    nodes_[scenario_.nodes[nodes_known_].full_name()] = static_cast<int>(nodes_known_);
  }
  for (; links_known_ < scenario_.links.size(); ++links_known_) {
    links_[scenario_.links[links_known_].full_name()] = static_cast<int>(links_known_);
  }
}

int ScenarioIndex::find_node(std::string_view plane, std::string_view name) const {
  return look_up(nodes_, joined(plane, name));
}

int ScenarioIndex::find_link(std::string_view full_name) const {
  return look_up(links_, std::string(full_name));
}

int ScenarioIndex::node(const Place& place, std::string_view plane, std::string_view name) const {
  const int found = find_node(plane, name);
  if (found >= 0) return found;
  std::vector<std::string> known;
  for (const NodeSpec& node : scenario_.nodes) {
    if (node.plane == plane) known.push_back(node.name);
  }
  refuse_word(place, std::string("no such node in ").append(plane), name, known);
}

std::string_view ScenarioIndex::plane_of(const Place& place, std::string_view text) const {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    refuse(place, "the plane is missing", text, "PLANE/NODE, as in v1/h1 or underlay/mit");
  }
  std::vector<std::string> known;
  for (const PlaneSpec& plane : scenario_.planes) {
    if (plane.name == text.substr(0, slash)) return text.substr(0, slash);
    known.push_back(plane.name);
  }
  refuse_word(place, "no such plane", text.substr(0, slash), known);
}

std::vector<int> ScenarioIndex::nodes(const Place& place, std::string_view text) const {
  const std::string_view plane = plane_of(place, text);
  std::vector<int> found;
  for (const std::string& name : expand_names(place, "a node", after_plane(text))) {
    found.push_back(node(place, plane, name));
  }
  return found;
}

std::vector<CaptureSpec> ScenarioIndex::interfaces(const Place& place,
                                                   std::string_view text) const {
  const size_t colon = text.find(':');
  const std::string_view wanted =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  std::vector<CaptureSpec> found;
  for (const int index : nodes(place, text.substr(0, colon))) {
    const NodeSpec& node = scenario_.nodes[static_cast<size_t>(index)];
    if (colon != std::string_view::npos) {
      found.push_back({index, require_interface(place, node, wanted)});
      continue;
    }
    for (size_t i = 0; i < node.interfaces.size(); ++i) {
      found.push_back({index, static_cast<int>(i)});
    }
  }
  return found;
}

bool ScenarioIndex::is_link(std::string_view text) const {
  return text.find("--") != std::string_view::npos || text.find("->") != std::string_view::npos ||
         find_link(text) >= 0;
}

ScenarioIndex::End ScenarioIndex::end(const Place& place, std::string_view plane,
                                      std::string_view text) const {
  const size_t colon = text.find(':');
  End end;
  end.node = node(place, plane, text.substr(0, colon));
  if (colon != std::string_view::npos) {
    end.interface = require_interface(place, scenario_.nodes[static_cast<size_t>(end.node)],
                                      text.substr(colon + 1));
  }
  return end;
}

LinkTarget ScenarioIndex::link_between(const Place& place, std::string_view text, const End& a,
                                       const End& b) const {
  LinkTarget target;
  const NodeSpec& node = scenario_.nodes[static_cast<size_t>(a.node)];
  for (size_t i = 0; i < node.interfaces.size(); ++i) {
    if (a.interface >= 0 && a.interface != static_cast<int>(i)) continue;
    const LinkSpec& link = scenario_.links[static_cast<size_t>(node.interfaces[i].link)];
    const LinkEnd& far = link.a.node == a.node ? link.b : link.a;
    if (far.node != b.node || (b.interface >= 0 && b.interface != far.interface)) continue;
    if (target.link >= 0) {
      refuse(place, "several links join these nodes", text,
             "a link's name, or ends with interfaces as in v1/r1:eth1--h3:eth0");
    }
    target.link = node.interfaces[i].link;
    target.a_to_b = link.a.node == a.node;
    target.b_to_a = !target.a_to_b;
  }
  if (target.link < 0) {
    refuse(place, "no link joins these nodes", text, "two nodes that share a link");
  }
  return target;
}

LinkTarget ScenarioIndex::link(const Place& place, std::string_view text) const {
  const int named = find_link(text);
  if (named >= 0) return {named, true, true};
  const std::string_view plane = plane_of(place, text);
  const std::string_view ends = after_plane(text);
  const size_t both = ends.find("--");
  const size_t split = both != std::string_view::npos ? both : ends.find("->");
  if (split == std::string_view::npos) {
    std::vector<std::string> known;
    for (const LinkSpec& link : scenario_.links) {
      if (link.plane == plane) known.push_back(link.name);
    }
    refuse_word(place, std::string("no such link in ").append(plane), ends, known);
  }
  LinkTarget target = link_between(place, text, end(place, plane, ends.substr(0, split)),
                                   end(place, plane, ends.substr(split + 2)));
  if (both != std::string_view::npos) target.a_to_b = target.b_to_a = true;
  return target;
}

}  // namespace violin
