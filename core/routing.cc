#include "core/routing.hh"

#include <utility>

#include "core/route_planner.hh"

namespace violin {

Routing::Routing(const Topology& topology, const std::vector<AddressAssignment>& assignments,
                 Options options)
    : topology_(topology),
      options_(std::move(options)),
      subnets_(topology, options_.plane, assignments) {
  for (const Family family : {kV4, kV6}) RoutePlanner(*this, family).plan();
}

const Routing::Table* Routing::table(int node, Family family) const {
  const int number = table_of_node_[family][node];
  return number < 0 ? nullptr : &tables_[number];
}

Route Routing::expand(const Entry& entry, Family family) const {
  Route route;
  if (entry.prefix != kDefaultPrefix) {
    route.prefix = subnets_.prefixes()[entry.prefix];
  } else {
    route.prefix = IpPrefix(family == kV6 ? IpAddress::v6(0, 0) : IpAddress::v4(0), 0);
  }
  route.interface = entry.interface;
  if (entry.via >= 0) route.via = subnets_.attachments()[entry.via].address;
  return route;
}

std::vector<Route> Routing::routes(int node) const {
  std::vector<Route> result;
  result.reserve(route_count(node));
  for (const Family family : {kV4, kV6}) {
    const Table* entries = table(node, family);
    if (entries == nullptr) continue;
    for (const Entry& entry : *entries) result.push_back(expand(entry, family));
  }
  return result;
}

size_t Routing::route_count(int node) const {
  size_t count = 0;
  for (const Family family : {kV4, kV6}) {
    if (const Table* entries = table(node, family)) count += entries->size();
  }
  return count;
}

std::optional<Route> Routing::lookup(int node, IpAddress destination) const {
  const Family family = destination.is_v6() ? kV6 : kV4;
  const Table* entries = table(node, family);
  std::optional<Route> best;
  if (entries == nullptr) return best;
  for (const Entry& entry : *entries) {
    const bool is_default = entry.prefix == kDefaultPrefix;
    if (!is_default && !subnets_.prefixes()[entry.prefix].contains(destination)) continue;
    const int length = is_default ? 0 : subnets_.prefixes()[entry.prefix].length();
    if (!best || length > best->prefix.length()) best = expand(entry, family);
  }
  return best;
}

std::optional<IpAddress> Routing::address_for(NodePair ends) const {
  std::optional<SubnetMap::Attachment> best;
  bool best_is_shared = false;
  for (const int item : subnets_.attachments_of_node(ends.to)) {
    const SubnetMap::Attachment& candidate = subnets_.attachments()[item];
    const std::optional<Route> route = lookup(ends.from, candidate.address);
    const bool shared = route && !route->via;
    if (ends.from != ends.to && !route) continue;
    if (best && best_is_shared && !shared) continue;
    const auto preference = [](const SubnetMap::Attachment& attachment) {
      return std::pair(attachment.address.is_v6(), attachment.interface);
    };
    if (!best || shared > best_is_shared || preference(candidate) < preference(*best)) {
      best = candidate;
      best_is_shared = shared;
    }
  }
  if (!best) return std::nullopt;
  return best->address;
}

std::optional<TopologyPath> Routing::path(NodePair ends) const {
  if (ends.from == ends.to) return TopologyPath{};
  const std::optional<IpAddress> destination = address_for(ends);
  if (!destination) return std::nullopt;
  return path(ends.from, *destination);
}

std::optional<TopologyPath> Routing::path(int from, IpAddress destination) const {
  TopologyPath whole;
  int node = from;
  for (int hop = 0; hop < kMaximumHops; ++hop) {
    for (const int item : subnets_.attachments_of_node(node)) {
      if (subnets_.attachments()[item].address == destination) return whole;
    }
    if (node != from && topology_.nodes()[node].kind == TopologyNode::Kind::kHost) break;
    const std::optional<Route> route = lookup(node, destination);
    if (!route) break;
    const std::optional<LinkStep> first = step_out_of(node, route->interface);
    if (!first) break;
    const std::optional<TopologyPath> segment =
        path_in_domain(*first, route->via.value_or(destination));
    if (!segment) break;
    whole.steps.insert(whole.steps.end(), segment->steps.begin(), segment->steps.end());
    whole.delay += segment->delay;
    node = topology_.target(whole.steps.back());
  }
  return std::nullopt;
}

std::optional<LinkStep> Routing::step_out_of(int node, int interface) const {
  for (const LinkStep step : topology_.steps_from(node)) {
    if (topology_.source_interface(step) == interface) return step;
  }
  return std::nullopt;
}

std::optional<TopologyPath> Routing::path_in_domain(LinkStep first, IpAddress next) const {
  const std::optional<int> owner = subnets_.owner(next, subnets_.domain_of_link(first.link));
  if (!owner) return std::nullopt;
  const SubnetMap::Attachment& target = subnets_.attachments()[*owner];
  const std::optional<LinkStep> back = step_out_of(target.node, target.interface);
  if (!back) return std::nullopt;
  const LinkStep last{back->link, !back->a_to_b};
  if (first == last) return TopologyPath{{first}, topology_.delay(first)};
  if (first.link == last.link) return std::nullopt;  // the node's own address

  std::optional<TopologyPath> between = topology_.shortest_path(
      {.from = topology_.target(first), .to = topology_.source(last)}, Transit::kSwitches);
  if (!between) return std::nullopt;
  between->steps.insert(between->steps.begin(), first);
  between->steps.push_back(last);
  between->delay += topology_.delay(first) + topology_.delay(last);
  return between;
}

}  // namespace violin
