#include "emulator/scenario/plane_builder.hh"

#include <utility>

#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/name_range.hh"

namespace violin {
namespace {

// Linux: IFNAMSIZ is 16 with the terminating zero, and netns nodes carry these names.
constexpr size_t kMaxInterfaceName = 15;

std::string interface_key(int node, const std::string& interface) {
  return std::to_string(node) + ":" + interface;
}

}  // namespace

PlaneBuilder::PlaneBuilder(Scenario& scenario, ScenarioIndex& index, std::string plane)
    : scenario_(scenario),
      index_(index),
      plane_(std::move(plane)),
      first_link_(scenario.links.size()) {}

int PlaneBuilder::add_node(NodeSpec node) {
  require_name(node.at, "a node's name", node.name);
  const int other = index_.find_node(plane_, node.name);
  if (other >= 0) {
    throw InputError(node.at, "the node exists already: " + node.name + ", first at " +
                                  to_string(scenario_.nodes[static_cast<size_t>(other)].at));
  }
  node.plane = plane_;
  scenario_.nodes.push_back(std::move(node));
  index_.update();
  return static_cast<int>(scenario_.nodes.size()) - 1;
}

void PlaneBuilder::add_link(LinkRequest request) {
  if (request.ends[0].node == request.ends[1].node) {
    const NodeSpec& node = scenario_.nodes[static_cast<size_t>(request.ends[0].node)];
    throw InputError(request.at, "both ends of the link are the same node: " + node.name);
  }
  for (const EndRequest& end : request.ends) {
    if (end.interface.empty()) continue;
    require_name(end.at, "an interface's name", end.interface);
    if (end.interface.size() > kMaxInterfaceName) {
      refuse(end.at, "an interface's name", end.interface, "at most 15 letters, as Linux has it");
    }
    if (!named_interfaces_.insert(interface_key(end.node, end.interface)).second) {
      const NodeSpec& node = scenario_.nodes[static_cast<size_t>(end.node)];
      throw InputError(
          end.at, "the interface has a link already: " + node.full_name() + ":" + end.interface);
    }
  }
  if (!request.name.empty()) {
    if (index_.find_node(plane_, request.name) >= 0) {
      throw InputError(request.at, "a link cannot have a node's name: " + request.name);
    }
    if (!link_names_.insert(request.name).second) {
      throw InputError(request.at, "two links have the name " + request.name);
    }
  }
  LinkSpec link;
  link.plane = plane_;
  link.name = std::move(request.name);
  link.ospf = request.ospf;
  link.a_to_b = std::move(request.forward);
  link.b_to_a = std::move(request.backward);
  link.at = std::move(request.at);
  scenario_.links.push_back(std::move(link));
  ends_.push_back(std::move(request.ends));
}

int PlaneBuilder::add_interface(const EndRequest& end, int link) {
  NodeSpec& node = scenario_.nodes[static_cast<size_t>(end.node)];
  InterfaceSpec interface;
  interface.name = end.interface;
  interface.addresses = end.addresses;
  interface.link = link;
  int& number = next_number_[end.node];
  while (interface.name.empty()) {
    std::string candidate = "eth" + std::to_string(number++);
    if (named_interfaces_.count(interface_key(end.node, candidate)) == 0) {
      interface.name = std::move(candidate);
    }
  }
  node.interfaces.push_back(std::move(interface));
  return static_cast<int>(node.interfaces.size()) - 1;
}

std::string PlaneBuilder::name_link(size_t link, std::unordered_map<std::string, int>& repeats) {
  const auto& ends = ends_[link - first_link_];
  const std::string base = scenario_.nodes[static_cast<size_t>(ends[0].node)].name + "--" +
                           scenario_.nodes[static_cast<size_t>(ends[1].node)].name;
  // A node may be called b.2, so the second a--b is not always a--b.2.
  std::string name;
  do {
    const int number = ++repeats[base];
    name = number == 1 ? base : base + "." + std::to_string(number);
  } while (!link_names_.insert(name).second);
  return name;
}

void PlaneBuilder::finish() {
  std::unordered_map<std::string, int> repeats;
  for (size_t i = first_link_; i < scenario_.links.size(); ++i) {
    LinkSpec& link = scenario_.links[i];
    const auto& ends = ends_[i - first_link_];
    link.a = {ends[0].node, add_interface(ends[0], static_cast<int>(i))};
    link.b = {ends[1].node, add_interface(ends[1], static_cast<int>(i))};
    if (link.name.empty()) link.name = name_link(i, repeats);
  }
  index_.update();
}

}  // namespace violin
