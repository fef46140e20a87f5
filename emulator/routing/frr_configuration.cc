#include "emulator/routing/frr_configuration.hh"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "emulator/routing/protocol_cost.hh"

namespace violin {
namespace {

// The name of the one IS-IS process, and of the area that all its routers are in.
constexpr const char* kIsisTag = "violin";
constexpr const char* kIsisArea = "49.0001";

class FrrWriter {
 public:
  FrrWriter(const Scenario& scenario, int node,
            const std::vector<std::vector<RoutedInterface>>& interfaces)
      : scenario_(scenario),
        index_(node),
        node_(scenario.nodes[static_cast<size_t>(node)]),
        all_(interfaces),
        interfaces_(interfaces[static_cast<size_t>(node)]) {}

  std::vector<FrrDaemon> daemons() const;

 private:
  bool has(bool v6) const;
  const InterfaceSpec& interface(const RoutedInterface& routed) const {
    return node_.interfaces[static_cast<size_t>(routed.interface)];
  }
  const LinkSpec& link(const RoutedInterface& routed) const {
    return scenario_.links[static_cast<size_t>(interface(routed).link)];
  }
  int cost(const RoutedInterface& routed) const {
    const LinkSpec& cable = link(routed);
    const bool a_to_b = cable.a.node == index_ && cable.a.interface == routed.interface;
    return protocol_cost(node_.routing.kind, cable, a_to_b);
  }
  int number_of(int node) const;
  uint32_t autonomous_system(int node) const;
  std::string router_id() const;
  std::string ospf(bool v6) const;
  std::string rip(bool v6) const;
  std::string bgp() const;
  std::string isis() const;

  const Scenario& scenario_;
  int index_;
  const NodeSpec& node_;
  const std::vector<std::vector<RoutedInterface>>& all_;
  const std::vector<RoutedInterface>& interfaces_;
};

bool FrrWriter::has(bool v6) const {
  return std::any_of(interfaces_.begin(), interfaces_.end(), [&](const RoutedInterface& routed) {
    const auto& addresses = interface(routed).addresses;
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const InterfaceAddress& a) { return a.address.is_v6() == v6; });
  });
}

// Among the routers that have a protocol, in file order, from 0.
int FrrWriter::number_of(int node) const {
  int number = 0;
  for (int i = 0; i < node; ++i) {
    if (!all_[static_cast<size_t>(i)].empty()) ++number;
  }
  return number;
}

uint32_t FrrWriter::autonomous_system(int node) const {
  constexpr int kShortOnes = 1023;
  const int number = number_of(node);
  const auto offset = static_cast<uint32_t>(number);
  const bool are_few = number_of(static_cast<int>(all_.size())) <= kShortOnes;
  return (are_few ? 64'512u : 4'200'000'000u) + offset;
}

std::string FrrWriter::router_id() const {
  std::optional<IpAddress> highest;
  for (const InterfaceSpec& own : node_.interfaces) {
    for (const InterfaceAddress& address : own.addresses) {
      if (address.address.is_v6()) continue;
      if (!highest || *highest < address.address) highest = address.address;
    }
  }
  if (highest) return to_string(*highest);
  const int number = number_of(index_) + 1;
  return fmt::format("240.{}.{}.{}", number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff);
}

std::string FrrWriter::ospf(bool v6) const {
  const std::string word = v6 ? "ipv6 ospf6" : "ip ospf";
  std::string text;
  for (const RoutedInterface& routed : interfaces_) {
    const OspfSpec& spec = link(routed).ospf;
    text += "interface " + interface(routed).name + "\n";
    text += fmt::format(" {} area {}\n {} cost {}\n", word, spec.area, word, cost(routed));
    text += fmt::format(" {} hello-interval {}\n {} dead-interval {}\n", word,
                        spec.hello / Duration::seconds(1), word, spec.dead / Duration::seconds(1));
    if (routed.point_to_point) text += " " + word + " network point-to-point\n";
    if (routed.peers.empty()) text += " " + word + " passive\n";
    text += "exit\n";
  }
  return text + (v6 ? "router ospf6\n ospf6" : "router ospf\n ospf") + " router-id " + router_id() +
         "\nexit\n";
}

std::string FrrWriter::rip(bool v6) const {
  std::string text = v6 ? "router ripng\n" : "router rip\n version 2\n";
  for (const RoutedInterface& routed : interfaces_) {
    text += " network " + interface(routed).name + "\n";
    if (routed.peers.empty()) text += " passive-interface " + interface(routed).name + "\n";
  }
  return text + "exit\n";
}

std::string FrrWriter::bgp() const {
  std::string text = fmt::format(
      "router bgp {}\n bgp router-id {}\n no bgp ebgp-requires-policy\n"
      " no bgp default ipv4-unicast\n bgp bestpath as-path multipath-relax\n",
      autonomous_system(index_), router_id());
  std::string of_family[2];
  for (const RoutedInterface& routed : interfaces_) {
    for (const LinkEnd& peer : routed.peers) {
      const NodeSpec& other = scenario_.nodes[static_cast<size_t>(peer.node)];
      for (const auto& there : other.interfaces[static_cast<size_t>(peer.interface)].addresses) {
        const std::string address = to_string(there.address);
        text += fmt::format(" neighbor {} remote-as {}\n neighbor {} timers connect 1\n", address,
                            autonomous_system(peer.node), address);
        of_family[there.address.is_v6()] += "  neighbor " + address + " activate\n";
      }
    }
  }
  for (const bool v6 : {false, true}) {
    if (!has(v6)) continue;
    text += fmt::format(
        " address-family {} unicast\n  redistribute connected\n{} exit-address-family\n",
        v6 ? "ipv6" : "ipv4", of_family[v6]);
  }
  return text + "exit\n";
}

std::string FrrWriter::isis() const {
  std::string text;
  for (const RoutedInterface& routed : interfaces_) {
    text += "interface " + interface(routed).name + "\n";
    if (has(false)) text += fmt::format(" ip router isis {}\n", kIsisTag);
    if (has(true)) text += fmt::format(" ipv6 router isis {}\n", kIsisTag);
    text += fmt::format(" isis metric {}\n", cost(routed));
    if (routed.point_to_point) text += " isis network point-to-point\n";
    if (routed.peers.empty()) text += " isis passive\n";
    text += "exit\n";
  }
  return text + fmt::format(
                    "router isis {}\n net {}.0000.{:04x}.{:04x}.00\n is-type level-2-only\n"
                    " metric-style wide\nexit\n",
                    kIsisTag, kIsisArea, (number_of(index_) + 1) >> 16,
                    (number_of(index_) + 1) & 0xffff);
}

std::vector<FrrDaemon> FrrWriter::daemons() const {
  std::vector<FrrDaemon> daemons = {{"zebra", ""}};
  switch (node_.routing.kind) {
    case RoutingKind::kOspf:
      if (has(false)) daemons.push_back({"ospfd", ospf(false)});
      if (has(true)) daemons.push_back({"ospf6d", ospf(true)});
      break;
    case RoutingKind::kRip:
      if (has(false)) daemons.push_back({"ripd", rip(false)});
      if (has(true)) daemons.push_back({"ripngd", rip(true)});
      break;
    case RoutingKind::kBgp:
      daemons.push_back({"bgpd", bgp()});
      break;
    case RoutingKind::kIsis:
      daemons.push_back({"isisd", isis()});
      break;
    case RoutingKind::kStatic:
    case RoutingKind::kNone:
      break;
  }
  if (!node_.routing.configuration.empty() && daemons.size() > 1) {
    daemons[1].configuration = node_.routing.configuration;
  }
  for (FrrDaemon& daemon : daemons) {
    daemon.configuration = "hostname " + node_.name + "\n" + daemon.configuration;
  }
  return daemons;
}

}  // namespace

std::vector<FrrDaemon> frr_daemons(const Scenario& scenario, int node,
                                   const std::vector<std::vector<RoutedInterface>>& interfaces) {
  return FrrWriter(scenario, node, interfaces).daemons();
}

}  // namespace violin
