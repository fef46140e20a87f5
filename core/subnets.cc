#include "core/subnets.hh"

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>

#include "core/check.hh"

namespace violin {

namespace {

auto order_key(const IpPrefix& prefix) {
  return std::tuple(prefix.base().is_v6(), prefix.base(), prefix.length());
}
auto order_key(const IpAddress& address) { return std::tuple(address.is_v6(), address); }

// Disjoint sets with path halving (Tarjan and van Leeuwen 1984).
class DisjointSets {
 public:
  explicit DisjointSets(size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  int find(int item) {
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }
  void unite(int left, int right) { parent_[find(left)] = find(right); }

 private:
  std::vector<int> parent_;
};

struct InterfaceLink {
  int node;
  int interface;
  int link;
  auto key() const { return std::pair(node, interface); }
};

// The link of every interface, sorted by node and interface.
std::vector<InterfaceLink> links_by_interface(const Topology& topology) {
  std::vector<InterfaceLink> result;
  result.reserve(topology.links().size() * 2);
  for (size_t i = 0; i < topology.links().size(); ++i) {
    const TopologyLink& link = topology.links()[i];
    result.push_back({link.a, link.a_interface, static_cast<int>(i)});
    result.push_back({link.b, link.b_interface, static_cast<int>(i)});
  }
  std::sort(result.begin(), result.end(),
            [](const InterfaceLink& left, const InterfaceLink& right) {
              return left.key() < right.key();
            });
  return result;
}

// An assignment while its subnet is being found.
struct Placed {
  AddressAssignment given;
  int domain;
  auto subnet_key() const { return std::tuple(order_key(given.address.prefix()), domain); }
};

}  // namespace

SubnetMap::Lists::Lists(int count, std::span<const int> keys) : starts_(count + 1, 0) {
  for (const int key : keys) {
    if (key >= 0) ++starts_[key + 1];
  }
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  items_.resize(starts_.back());
  std::vector<int> next(starts_.begin(), starts_.end() - 1);
  for (size_t item = 0; item < keys.size(); ++item) {
    if (keys[item] >= 0) items_[next[keys[item]]++] = static_cast<int>(item);
  }
}

SubnetMap::SubnetMap(const Topology& topology, std::string_view plane,
                     const std::vector<AddressAssignment>& assignments) {
  find_domains(topology, plane);
  attach(topology, plane, assignments);
  std::vector<int> subnet_keys, node_keys;
  for (const Attachment& attachment : attachments_) {
    subnet_keys.push_back(attachment.subnet);
    node_keys.push_back(attachment.node);
  }
  of_subnet_ = Lists(static_cast<int>(subnets_.size()), subnet_keys);
  of_node_ = Lists(static_cast<int>(topology.nodes().size()), node_keys);
  links_of_domain_ = Lists(domains_, domain_of_link_);
}

void SubnetMap::find_domains(const Topology& topology, std::string_view plane) {
  const std::vector<TopologyNode>& nodes = topology.nodes();
  const int links = static_cast<int>(topology.links().size());
  // Every link is an item, and every switch one that joins its links.
  DisjointSets joined(links + nodes.size());
  for (int i = 0; i < links; ++i) {
    for (const int end : {topology.links()[i].a, topology.links()[i].b}) {
      if (nodes[end].kind == TopologyNode::Kind::kSwitch) joined.unite(i, links + end);
    }
  }
  domain_of_link_.assign(links, -1);
  std::vector<int> domain_of_set(links + nodes.size(), -1);
  for (int i = 0; i < links; ++i) {
    if (nodes[topology.links()[i].a].plane != plane) continue;
    int& domain = domain_of_set[joined.find(i)];
    if (domain < 0) domain = domains_++;
    domain_of_link_[i] = domain;
  }
}

void SubnetMap::attach(const Topology& topology, std::string_view plane,
                       const std::vector<AddressAssignment>& assignments) {
  const std::vector<InterfaceLink> by_interface = links_by_interface(topology);
  std::vector<Placed> placed;
  placed.reserve(assignments.size());
  std::vector<std::pair<int, int>> unlinked;
  for (const AddressAssignment& given : assignments) {
    if (topology.nodes()[given.node].plane != plane) continue;
    CHECK(topology.nodes()[given.node].kind != TopologyNode::Kind::kSwitch);
    const InterfaceLink wanted{given.node, given.interface, -1};
    const auto found = std::lower_bound(
        by_interface.begin(), by_interface.end(), wanted,
        [](const auto& left, const auto& right) { return left.key() < right.key(); });
    const bool linked = found != by_interface.end() && found->key() == wanted.key();
    placed.push_back({given, linked ? domain_of_link_[found->link] : -1});
    if (!linked) unlinked.push_back(wanted.key());
  }
  std::sort(unlinked.begin(), unlinked.end());
  unlinked.erase(std::unique(unlinked.begin(), unlinked.end()), unlinked.end());
  for (Placed& item : placed) {
    if (item.domain >= 0) continue;
    const auto found = std::lower_bound(unlinked.begin(), unlinked.end(),
                                        std::pair(item.given.node, item.given.interface));
    item.domain = domains_ + static_cast<int>(found - unlinked.begin());
  }
  domains_ += static_cast<int>(unlinked.size());

  std::sort(placed.begin(), placed.end(), [](const Placed& left, const Placed& right) {
    return left.subnet_key() < right.subnet_key();
  });
  for (size_t i = 0; i < placed.size(); ++i) {
    const IpPrefix prefix = placed[i].given.address.prefix();
    if (prefixes_.empty() || prefixes_.back() != prefix) prefixes_.push_back(prefix);
    if (i == 0 || placed[i - 1].subnet_key() != placed[i].subnet_key()) {
      subnets_.push_back({static_cast<int>(prefixes_.size()) - 1, placed[i].domain});
    }
    const AddressAssignment& given = placed[i].given;
    attachments_.push_back({given.node, given.interface, given.address.address,
                            static_cast<int>(subnets_.size()) - 1});
  }
  const auto key = [&](const Attachment& item) {
    return std::tuple(order_key(item.address), std::string_view(topology.nodes()[item.node].name),
                      item.interface, item.subnet);
  };
  std::sort(
      attachments_.begin(), attachments_.end(),
      [&](const Attachment& left, const Attachment& right) { return key(left) < key(right); });
}

std::optional<int> SubnetMap::owner(IpAddress address, int domain) const {
  auto found = std::lower_bound(
      attachments_.begin(), attachments_.end(), order_key(address),
      [](const Attachment& item, const auto& wanted) { return order_key(item.address) < wanted; });
  for (; found != attachments_.end() && found->address == address; ++found) {
    if (subnets_[found->subnet].domain == domain) {
      return static_cast<int>(found - attachments_.begin());
    }
  }
  return std::nullopt;
}

bool is_link_local(const IpPrefix& prefix) {
  const IpPrefix v4(IpAddress::v4(0xa9fe'0000), 16);
  const IpPrefix v6(IpAddress::v6(0xfe80'0000'0000'0000, 0), 10);
  const IpPrefix& scope = prefix.base().is_v6() ? v6 : v4;
  return prefix.length() >= scope.length() && scope.contains(prefix.base());
}

}  // namespace violin
