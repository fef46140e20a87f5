#include "emulator/scenario/broadcast_domain.hh"

#include <algorithm>

namespace violin {
namespace {

// Union-find over links, numbered from 0; the lowest of a set is its root.
class LinkSets {
 public:
  explicit LinkSets(size_t links) : parents_(links) {
    for (size_t i = 0; i < links; ++i) parents_[i] = i;
  }
  size_t root_of(size_t link) {
    while (parents_[link] != link) {
      parents_[link] = parents_[parents_[link]];
      link = parents_[link];
    }
    return link;
  }
  void join(size_t left, size_t right) {
    const size_t a = root_of(left);
    const size_t b = root_of(right);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parents_;
};

LinkSets sets_joined_by_switches(const Scenario& scenario, const PlaneRange& plane) {
  LinkSets sets(scenario.links.size() - plane.first_link);
  for (size_t n = plane.first_node; n < scenario.nodes.size(); ++n) {
    const NodeSpec& node = scenario.nodes[n];
    if (node.kind != NodeKind::kSwitch) continue;
    const auto link = [&](size_t interface) {
      return static_cast<size_t>(node.interfaces[interface].link) - plane.first_link;
    };
    for (size_t i = 1; i < node.interfaces.size(); ++i) sets.join(link(0), link(i));
  }
  return sets;
}

void add_end(const Scenario& scenario, const LinkEnd& end, BroadcastDomain& domain) {
  if (scenario.nodes[static_cast<size_t>(end.node)].kind == NodeKind::kSwitch) {
    domain.has_switch = true;
  } else {
    domain.ends.push_back(end);
  }
}

}  // namespace

std::vector<BroadcastDomain> find_broadcast_domains(const Scenario& scenario,
                                                    const PlaneRange& plane) {
  LinkSets sets = sets_joined_by_switches(scenario, plane);
  const size_t links = scenario.links.size() - plane.first_link;
  std::vector<BroadcastDomain> domains;
  std::vector<int> domain_of(links, -1);  // by root
  for (size_t i = 0; i < links; ++i) {
    int& index = domain_of[sets.root_of(i)];
    if (index < 0) {
      index = static_cast<int>(domains.size());
      domains.push_back({.first_link = static_cast<int>(i + plane.first_link)});
    }
    BroadcastDomain& domain = domains[static_cast<size_t>(index)];
    const LinkSpec& link = scenario.links[i + plane.first_link];
    add_end(scenario, link.a, domain);
    add_end(scenario, link.b, domain);
  }
  return domains;
}

}  // namespace violin
