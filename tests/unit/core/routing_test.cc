#include "core/routing.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

using Kind = TopologyNode::Kind;

constexpr int64_t kSame = -1;

// A small network written down by names: node("r1", …), link("r1", "10.0.0.1/24", "s1", "", 5).
class Plan {
 public:
  explicit Plan(std::string plane = "v1") : plane_(std::move(plane)) {}

  void node(const std::string& name, Kind kind) {
    number_[name] = topology.add_node({name, plane_, kind, -1});
  }
  // Addresses are separated by blanks.
  int link(const std::string& a, const std::string& a_addresses, const std::string& b,
           const std::string& b_addresses, int64_t forth_us = 0, int64_t back_us = kSame) {
    const int a_interface = give(a, a_addresses);
    const int b_interface = give(b, b_addresses);
    return topology.add_link({at(a), at(b), a_interface, b_interface,
                              Duration::microseconds(forth_us),
                              Duration::microseconds(back_us == kSame ? forth_us : back_us)});
  }
  // Takes the node's next interface.
  int give(const std::string& name, const std::string& addresses) {
    const int interface = interfaces_[name]++;
    for (size_t start = 0; start < addresses.size();) {
      const size_t end = std::min(addresses.find(' ', start), addresses.size());
      assignments.push_back(
          {at(name), interface, *InterfaceAddress::parse(addresses.substr(start, end - start))});
      start = end + 1;
    }
    return interface;
  }
  int at(const std::string& name) const { return number_.at(name); }
  Routing routing(bool direct_only = false) const {
    return Routing(topology, assignments, {.plane = plane_, .direct_only = direct_only});
  }

  Topology topology;
  std::vector<AddressAssignment> assignments;

 private:
  std::string plane_;
  std::map<std::string, int> number_;
  std::map<std::string, int> interfaces_;
};

std::string text(const Route& route) {
  return to_string(route.prefix) + " dev " + std::to_string(route.interface) +
         (route.via ? " via " + to_string(*route.via) : "");
}

std::vector<std::string> table(const Plan& plan, const Routing& routing, const std::string& name) {
  std::vector<std::string> lines;
  for (const Route& route : routing.routes(plan.at(name))) lines.push_back(text(route));
  return lines;
}
using Lines = std::vector<std::string>;

std::vector<std::string> way(const Plan& plan, const Routing& routing, const std::string& from,
                             const std::string& to) {
  const auto path = routing.path({.from = plan.at(from), .to = plan.at(to)});
  if (!path) return {"nothing"};
  std::vector<std::string> names{from};
  for (const LinkStep step : path->steps) {
    names.push_back(plan.topology.nodes()[plan.topology.target(step)].name);
  }
  return names;
}

// h1 -- s1 -- r1 ---- r2 -- h2
Plan two_routers() {
  Plan plan;
  plan.node("h1", Kind::kHost);
  plan.node("s1", Kind::kSwitch);
  plan.node("r1", Kind::kRouter);
  plan.node("r2", Kind::kRouter);
  plan.node("h2", Kind::kHost);
  plan.link("h1", "10.0.1.10/24 fd00:1::10/64", "s1", "", 1);
  plan.link("s1", "", "r1", "10.0.1.1/24 fd00:1::1/64", 2);
  plan.link("r1", "10.0.9.1/30 fd00:9::1/64", "r2", "10.0.9.2/30 fd00:9::2/64", 10, 20);
  plan.link("r2", "10.0.2.1/24 fd00:2::1/64", "h2", "10.0.2.10/24 fd00:2::10/64", 3);
  return plan;
}

TEST(Routing, GivesRoutersEveryPrefixOfBothFamilies) {
  const Plan plan = two_routers();
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "r1"),
            (Lines{"10.0.1.0/24 dev 0", "10.0.2.0/24 dev 1 via 10.0.9.2", "10.0.9.0/30 dev 1",
                   "fd00:1::/64 dev 0", "fd00:2::/64 dev 1 via fd00:9::2", "fd00:9::/64 dev 1"}));
}

TEST(Routing, GivesAHostBehindOneRouterADefaultRouteOfEachFamily) {
  const Plan plan = two_routers();
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "h1"), (Lines{"0.0.0.0/0 dev 0 via 10.0.1.1", "10.0.1.0/24 dev 0",
                                               "::/0 dev 0 via fd00:1::1", "fd00:1::/64 dev 0"}));
  EXPECT_TRUE(table(plan, routing, "s1").empty());
}

TEST(Routing, FollowsTheTablesAcrossSwitchesAndRoutersAndSumsEachDirection) {
  const Plan plan = two_routers();
  const Routing routing = plan.routing();
  EXPECT_EQ(way(plan, routing, "h1", "h2"), (Lines{"h1", "s1", "r1", "r2", "h2"}));
  EXPECT_EQ(routing.path({plan.at("h1"), plan.at("h2")})->delay, Duration::microseconds(16));
  EXPECT_EQ(routing.path({plan.at("h2"), plan.at("h1")})->delay, Duration::microseconds(26));
  EXPECT_EQ(routing.path(plan.at("h1"), *IpAddress::parse("fd00:2::10"))->delay,
            Duration::microseconds(16));
  EXPECT_FALSE(routing.path(plan.at("h1"), *IpAddress::parse("10.0.2.77")).has_value());
  EXPECT_FALSE(routing.path(plan.at("h1"), *IpAddress::parse("192.0.2.1")).has_value());
  EXPECT_TRUE(routing.path({plan.at("h1"), plan.at("h1")})->steps.empty());
}

TEST(Routing, GivesHostsWithoutRouterTheirConnectedPrefixOnly) {
  Plan plan;
  plan.node("a", Kind::kHost);
  plan.node("b", Kind::kHost);
  plan.link("a", "10.0.0.1/24", "b", "10.0.0.2/24", 7);
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "a"), (Lines{"10.0.0.0/24 dev 0"}));
  EXPECT_EQ(way(plan, routing, "a", "b"), (Lines{"a", "b"}));
}

// h has two interfaces; r1 and r2 are joined only by a slow link besides.
TEST(Routing, LetsAMultiHomedHostChooseRoutersButNotForward) {
  Plan plan;
  for (const char* name : {"r1", "r2"}) plan.node(name, Kind::kRouter);
  for (const char* name : {"h", "x", "y"}) plan.node(name, Kind::kHost);
  plan.link("h", "10.1.0.9/24", "r1", "10.1.0.1/24", 1);
  plan.link("h", "10.2.0.9/24", "r2", "10.2.0.1/24", 1);
  plan.link("r1", "10.9.0.1/24", "r2", "10.9.0.2/24", 1000);
  plan.link("r1", "10.3.0.1/24", "x", "10.3.0.9/24", 1);
  plan.link("r2", "10.4.0.1/24", "y", "10.4.0.9/24", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "h"),
            (Lines{"10.1.0.0/24 dev 0", "10.2.0.0/24 dev 1", "10.3.0.0/24 dev 0 via 10.1.0.1",
                   "10.4.0.0/24 dev 1 via 10.2.0.1", "10.9.0.0/24 dev 0 via 10.1.0.1"}));
  EXPECT_EQ(way(plan, routing, "x", "y"), (Lines{"x", "r1", "r2", "y"}));
}

// Two routers on the LAN of h: the default route would be wrong for one of them.
TEST(Routing, GivesAHostBetweenTwoRoutersTheFullTable) {
  Plan plan;
  for (const char* name : {"r1", "r2"}) plan.node(name, Kind::kRouter);
  for (const char* name : {"h", "g", "x", "y"}) plan.node(name, Kind::kHost);
  plan.node("s", Kind::kSwitch);
  for (const char* name : {"h", "g"}) {
    plan.link(name, name[0] == 'h' ? "10.0.0.9/24" : "10.0.0.8/24", "s", "", 1);
  }
  plan.link("r1", "10.0.0.1/24", "s", "", 1);
  plan.link("r2", "10.0.0.2/24", "s", "", 1);
  plan.link("r1", "10.3.0.1/24", "x", "10.3.0.9/24", 1);
  plan.link("r2", "10.4.0.1/24", "y", "10.4.0.9/24", 1);
  const Routing routing = plan.routing();
  const Lines expected{"10.0.0.0/24 dev 0", "10.3.0.0/24 dev 0 via 10.0.0.1",
                       "10.4.0.0/24 dev 0 via 10.0.0.2"};
  EXPECT_EQ(table(plan, routing, "h"), expected);
  EXPECT_EQ(table(plan, routing, "g"), expected);
  EXPECT_EQ(way(plan, routing, "h", "y"), (Lines{"h", "s", "r2", "y"}));
}

TEST(Routing, SendsAPrefixToTheNearestRouterAttachedToIt) {
  // r0 reaches the LAN through far (2 + 50 us of LAN) although near (9) is closer to the host.
  Plan plan;
  for (const char* name : {"r0", "far", "near"}) plan.node(name, Kind::kRouter);
  plan.node("s", Kind::kSwitch);
  plan.node("h", Kind::kHost);
  plan.link("r0", "10.1.0.1/24", "far", "10.1.0.2/24", 2);
  plan.link("r0", "10.2.0.1/24", "near", "10.2.0.2/24", 9);
  plan.link("far", "10.3.0.1/24", "s", "", 50);
  plan.link("near", "10.3.0.2/24", "s", "", 1);
  plan.link("h", "10.3.0.9/24", "s", "", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(text(*routing.lookup(plan.at("r0"), *IpAddress::parse("10.3.0.9"))),
            "10.3.0.0/24 dev 0 via 10.1.0.2");
}

TEST(Routing, TakesTheFasterOfTwoParallelLinksAndTheLowerInterfaceOfEqualOnes) {
  Plan plan;
  for (const char* name : {"r1", "r2"}) plan.node(name, Kind::kRouter);
  plan.node("h", Kind::kHost);
  plan.link("r1", "10.1.0.1/24", "r2", "10.1.0.2/24", 8);
  plan.link("r1", "10.2.0.1/24", "r2", "10.2.0.2/24", 5, 9);
  plan.link("r1", "10.3.0.1/24", "r2", "10.3.0.2/24", 5, 8);
  plan.link("r2", "10.4.0.1/24", "h", "10.4.0.9/24", 1);
  plan.link("r1", "10.5.0.1/24", "h", "10.5.0.9/24", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(text(*routing.lookup(plan.at("r1"), *IpAddress::parse("10.4.0.9"))),
            "10.4.0.0/24 dev 1 via 10.2.0.2");
  EXPECT_EQ(text(*routing.lookup(plan.at("r2"), *IpAddress::parse("10.5.0.9"))),
            "10.5.0.0/24 dev 0 via 10.1.0.1");
}

TEST(Routing, DecidesEqualPathsByTheNameOfTheNextHop) {
  // src reaches dst over zeta (interface 0) and alpha (interface 1), equally far.
  Plan plan;
  for (const char* name : {"src", "zeta", "alpha", "dst"}) plan.node(name, Kind::kRouter);
  plan.link("src", "10.1.0.1/24", "zeta", "10.1.0.2/24", 4);
  plan.link("src", "10.2.0.1/24", "alpha", "10.2.0.2/24", 3);
  plan.link("zeta", "10.3.0.1/24", "dst", "10.3.0.2/24", 3);
  plan.link("alpha", "10.4.0.1/24", "dst", "10.4.0.2/24", 4);
  plan.give("dst", "10.5.0.1/32");
  EXPECT_EQ(text(*plan.routing().lookup(plan.at("src"), *IpAddress::parse("10.5.0.1"))),
            "10.5.0.1/32 dev 1 via 10.2.0.2");
}

TEST(Routing, MakesNoLoopsWhereLinksHaveNoDelay) {
  // A ring of zero delay: by name alone, each of b and c would send to a, and a back.
  Plan plan;
  const Lines names{"a", "b", "c", "d", "e"};
  for (const std::string& name : names) plan.node(name, Kind::kRouter);
  for (int i = 0; i < 5; ++i) {
    const std::string net = "10.0." + std::to_string(i);
    plan.link(names[i], net + ".1/24", names[(i + 1) % 5], net + ".2/24");
  }
  const Routing routing = plan.routing();
  for (const std::string& from : names) {
    for (const std::string& to : names) {
      const Lines hops = way(plan, routing, from, to);
      EXPECT_NE(hops.front(), "nothing") << from << " to " << to;
      // Two links to the nearest router on the far prefix, and one across it.
      EXPECT_LE(hops.size(), 4u) << from << " to " << to;
    }
  }
}

TEST(Routing, LeavesUnreachableIslandsOut) {
  Plan plan;
  for (const char* name : {"r1", "r2", "r3"}) plan.node(name, Kind::kRouter);
  plan.node("h", Kind::kHost);
  plan.link("r1", "10.1.0.1/24", "r2", "10.1.0.2/24", 1);
  plan.link("r3", "10.2.0.1/24", "h", "10.2.0.9/24", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "r1"), (Lines{"10.1.0.0/24 dev 0"}));
  EXPECT_EQ(way(plan, routing, "r1", "h"), (Lines{"nothing"}));
  EXPECT_EQ(way(plan, routing, "h", "r1"), (Lines{"nothing"}));
}

TEST(Routing, CarriesAFamilyOnlyThroughRoutersThatHaveIt) {
  // a - b - c has both families, the faster a - q - c only IPv4.
  Plan plan;
  for (const char* name : {"a", "b", "c", "q"}) plan.node(name, Kind::kRouter);
  plan.link("a", "10.1.0.1/24 fd01::1/64", "b", "10.1.0.2/24 fd01::2/64", 10);
  plan.link("b", "10.2.0.1/24 fd02::1/64", "c", "10.2.0.2/24 fd02::2/64", 10);
  plan.link("a", "10.3.0.1/24", "q", "10.3.0.2/24", 1);
  plan.link("q", "10.4.0.1/24", "c", "10.4.0.2/24", 1);
  plan.give("c", "10.5.0.1/32 fd05::1/128");
  const Routing routing = plan.routing();
  EXPECT_EQ(text(*routing.lookup(plan.at("a"), *IpAddress::parse("10.5.0.1"))),
            "10.5.0.1/32 dev 1 via 10.3.0.2");
  EXPECT_EQ(text(*routing.lookup(plan.at("a"), *IpAddress::parse("fd05::1"))),
            "fd05::1/128 dev 0 via fd01::2");
  EXPECT_FALSE(routing.lookup(plan.at("q"), *IpAddress::parse("fd05::1")).has_value());
}

TEST(Routing, UsesLinkLocalNextHopsButNeverRoutesLinkLocalPrefixes) {
  Plan plan;
  for (const char* name : {"a", "b", "c", "d"}) plan.node(name, Kind::kRouter);
  plan.link("a", "fe80::1/64", "b", "fe80::2/64", 1);
  plan.link("b", "fe80::3/64", "c", "fe80::4/64", 1);
  plan.give("c", "fd05::1/128");
  plan.link("c", "fd06::1/64", "d", "fd06::2/64", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "d"), (Lines{"fd05::1/128 dev 0 via fd06::1", "fd06::/64 dev 0"}));
  EXPECT_EQ(table(plan, routing, "a"), (Lines{"fd05::1/128 dev 0 via fe80::2",
                                              "fd06::/64 dev 0 via fe80::2", "fe80::/64 dev 0"}));
  EXPECT_EQ(routing.path(plan.at("a"), *IpAddress::parse("fd05::1"))->delay,
            Duration::microseconds(2));
}

TEST(Routing, KeepsSubnetsOfOneBroadcastDomainApart) {
  // Both routers are on one switch but share no prefix there: only the slow link joins them.
  Plan plan;
  for (const char* name : {"r1", "r2"}) plan.node(name, Kind::kRouter);
  plan.node("s", Kind::kSwitch);
  plan.link("r1", "10.1.0.1/24", "s", "", 1);
  plan.link("r2", "10.2.0.1/24", "s", "", 1);
  plan.link("r1", "10.9.0.1/24", "r2", "10.9.0.2/24", 1000);
  EXPECT_EQ(table(plan, plan.routing(), "r1"),
            (Lines{"10.1.0.0/24 dev 0", "10.2.0.0/24 dev 1 via 10.9.0.2", "10.9.0.0/24 dev 1"}));
}

TEST(Routing, GoesTheFastWayThroughSwitchesThatFormARing) {
  Plan plan;
  for (const char* name : {"a", "b"}) plan.node(name, Kind::kHost);
  for (const char* name : {"s1", "s2", "s3"}) plan.node(name, Kind::kSwitch);
  plan.link("a", "10.0.0.1/24", "s1", "", 1);
  plan.link("s1", "", "s2", "", 10);
  plan.link("s2", "", "s3", "", 10);
  plan.link("s1", "", "s3", "", 50);
  plan.link("s3", "", "b", "10.0.0.2/24", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(way(plan, routing, "a", "b"), (Lines{"a", "s1", "s2", "s3", "b"}));
}

TEST(Routing, RoutesAMatrixPlaneByDirectEdgesOnly) {
  // a - c is slow, but the relay b may not help: real RTT matrices break the triangle inequality.
  Plan plan;
  for (const char* name : {"a", "b", "c"}) plan.node(name, Kind::kRouter);
  plan.link("a", "10.0.0.1/30", "b", "10.0.0.2/30", 1);
  plan.link("b", "10.0.0.5/30", "c", "10.0.0.6/30", 1);
  plan.link("a", "10.0.0.9/30", "c", "10.0.0.10/30", 100);
  const Routing routing = plan.routing(true);
  EXPECT_EQ(table(plan, routing, "a"), (Lines{"10.0.0.0/30 dev 0", "10.0.0.8/30 dev 1"}));
  EXPECT_EQ(way(plan, routing, "a", "c"), (Lines{"a", "c"}));
  EXPECT_EQ(to_string(*routing.address_for({plan.at("a"), plan.at("c")})), "10.0.0.10");
}

TEST(Routing, PrefersTheLongestOfOverlappingPrefixes) {
  Plan plan;
  for (const char* name : {"r", "wide", "narrow"}) plan.node(name, Kind::kRouter);
  plan.link("r", "172.16.0.1/30", "wide", "172.16.0.2/30", 1);
  plan.link("r", "172.16.0.5/30", "narrow", "172.16.0.6/30", 50);
  plan.give("wide", "10.0.0.1/16");
  plan.give("narrow", "10.0.5.1/24");
  const Routing routing = plan.routing();
  EXPECT_EQ(text(*routing.lookup(plan.at("r"), *IpAddress::parse("10.0.5.9"))),
            "10.0.5.0/24 dev 1 via 172.16.0.6");
  EXPECT_EQ(text(*routing.lookup(plan.at("r"), *IpAddress::parse("10.0.6.9"))),
            "10.0.0.0/16 dev 0 via 172.16.0.2");
}

TEST(Routing, AddressesANeighbourOnTheSharedPrefixAndOthersOnTheirFirstInterface) {
  Plan plan;
  plan.node("r", Kind::kRouter);
  for (const char* name : {"h", "g", "x", "y"}) plan.node(name, Kind::kHost);
  plan.link("h", "10.1.0.9/24", "r", "10.1.0.1/24", 1);
  // The shared prefix has the lower address on x and the higher one on y, always interface 1.
  plan.link("y", "10.0.1.9/24", "r", "10.0.1.1/24", 1);
  plan.link("y", "10.7.0.8/24", "h", "10.7.0.9/24", 1);
  plan.link("x", "10.6.0.9/24 fd02::9/64", "r", "10.6.0.1/24 fd02::1/64", 1);
  plan.link("x", "10.3.0.8/24", "h", "10.3.0.9/24", 1);
  plan.link("g", "10.4.0.9/24", "r", "10.4.0.1/24", 1);
  plan.link("x", "10.0.0.9/24", "r", "10.0.0.1/24", 1);
  const Routing routing = plan.routing();
  EXPECT_EQ(to_string(*routing.address_for({plan.at("h"), plan.at("x")})), "10.3.0.8");
  EXPECT_EQ(to_string(*routing.address_for({plan.at("h"), plan.at("y")})), "10.7.0.8");
  EXPECT_EQ(way(plan, routing, "h", "x"), (Lines{"h", "x"}));
  EXPECT_EQ(to_string(*routing.address_for({plan.at("g"), plan.at("x")})), "10.6.0.9");
  EXPECT_EQ(way(plan, routing, "g", "x"), (Lines{"g", "r", "x"}));
}

TEST(Routing, IgnoresOtherPlanesThatUseTheSameAddresses) {
  Plan plan = two_routers();
  const Lines before = table(plan, plan.routing(), "r1");
  const int r = plan.topology.add_node({"r1", "v2", Kind::kRouter, -1});
  const int q = plan.topology.add_node({"r2", "v2", Kind::kRouter, -1});
  plan.topology.add_link({r, q, 0, 0, Duration(), Duration()});
  plan.assignments.push_back({r, 0, *InterfaceAddress::parse("10.0.2.1/24")});
  plan.assignments.push_back({q, 0, *InterfaceAddress::parse("10.0.2.2/24")});
  const Routing routing = plan.routing();
  EXPECT_EQ(table(plan, routing, "r1"), before);
  EXPECT_TRUE(routing.routes(r).empty());
}

// ---- against brute force ------------------------------------------------------------------------

struct Cost {
  int64_t delay = 1'000'000'000'000;
  int64_t links = 0;
  auto operator<=>(const Cost&) const = default;
  Cost operator+(const Cost& other) const { return {delay + other.delay, links + other.links}; }
  bool reachable() const { return delay < Cost().delay; }
};
using Matrix = std::vector<std::vector<Cost>>;

// Floyd and Warshall, in which only what forwards may be the middle of a path.
Matrix all_pairs(const Topology& topology, bool routers_forward) {
  const size_t count = topology.nodes().size();
  Matrix cost(count, std::vector<Cost>(count));
  for (size_t i = 0; i < count; ++i) cost[i][i] = {0, 0};
  for (const TopologyLink& link : topology.links()) {
    cost[link.a][link.b] = std::min(cost[link.a][link.b], Cost{link.a_to_b.ns(), 1});
    cost[link.b][link.a] = std::min(cost[link.b][link.a], Cost{link.b_to_a.ns(), 1});
  }
  for (size_t k = 0; k < count; ++k) {
    const Kind kind = topology.nodes()[k].kind;
    if (kind == Kind::kHost || (kind == Kind::kRouter && !routers_forward)) continue;
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < count; ++j) {
        cost[i][j] = std::min(cost[i][j], cost[i][k] + cost[k][j]);
      }
    }
  }
  return cost;
}

// What the rules of routing.hh say the route of a router to a prefix is, found without any of its
// machinery: all ways out are tried and priced with the matrices.
class BruteForce {
 public:
  explicit BruteForce(const Plan& plan)
      : plan_(plan),
        topology_(plan.topology),
        everywhere_(all_pairs(topology_, true)),
        switched_(all_pairs(topology_, false)) {}

  Lines table_of(int node) const {
    std::map<std::tuple<bool, IpPrefix>, std::string> lines;
    for (const AddressAssignment& given : plan_.assignments) {
      const IpPrefix prefix = given.address.prefix();
      const std::tuple key(prefix.base().is_v6(), prefix);
      if (const int own = own_interface(node, prefix); own >= 0) {
        lines[key] = text(Route{prefix, own, std::nullopt});
      } else if (const auto route = best(node, prefix)) {
        lines[key] = text(*route);
      }
    }
    Lines result;
    for (const auto& [key, line] : lines) result.push_back(line);
    return result;
  }

 private:
  using Preference = std::tuple<Cost, std::string, int, IpAddress>;

  int own_interface(int node, const IpPrefix& prefix) const {
    int lowest = -1;
    for (const AddressAssignment& given : plan_.assignments) {
      if (given.node != node || given.address.prefix() != prefix) continue;
      if (lowest < 0 || given.interface < lowest) lowest = given.interface;
    }
    return lowest;
  }

  std::optional<Route> best(int node, const IpPrefix& prefix) const {
    std::optional<Preference> best;
    for (const LinkStep out : topology_.steps_from(node)) {
      for (const AddressAssignment& via : plan_.assignments) {
        if (topology_.nodes()[via.node].kind != Kind::kRouter || via.node == node) continue;
        if (via.address.address.is_v6() != prefix.base().is_v6()) continue;
        if (!shares_prefix(node, topology_.source_interface(out), via)) continue;
        const Cost segment = cost_of_segment(out, via);
        const Cost rest = to_prefix(via.node, prefix);
        if (!segment.reachable() || !rest.reachable()) continue;
        const Preference candidate{segment + rest, topology_.nodes()[via.node].name,
                                   topology_.source_interface(out), via.address.address};
        if (!best || candidate < *best) best = candidate;
      }
    }
    if (!best) return std::nullopt;
    return Route{prefix, std::get<2>(*best), std::get<3>(*best)};
  }

  bool shares_prefix(int node, int interface, const AddressAssignment& other) const {
    return std::any_of(plan_.assignments.begin(), plan_.assignments.end(),
                       [&](const AddressAssignment& own) {
                         return own.node == node && own.interface == interface &&
                                own.address.prefix() == other.address.prefix();
                       });
  }

  // From a node out of one link into another node's interface, through switches.
  Cost cost_of_segment(LinkStep out, const AddressAssignment& into) const {
    for (const LinkStep back : topology_.steps_from(into.node)) {
      if (topology_.source_interface(back) != into.interface) continue;
      const LinkStep in{back.link, !back.a_to_b};
      if (in == out) return {topology_.delay(out).ns(), 1};
      const int first = topology_.target(out), last = topology_.source(in);
      if (topology_.nodes()[first].kind != Kind::kSwitch) return {};
      if (topology_.nodes()[last].kind != Kind::kSwitch) return {};
      return Cost{topology_.delay(out).ns() + topology_.delay(in).ns(), 2} + switched_[first][last];
    }
    return {};
  }

  Cost to_prefix(int node, const IpPrefix& prefix) const {
    Cost nearest;
    for (const AddressAssignment& given : plan_.assignments) {
      if (topology_.nodes()[given.node].kind != Kind::kRouter) continue;
      if (given.address.prefix() != prefix) continue;
      nearest = std::min(nearest, everywhere_[node][given.node]);
    }
    return nearest;
  }

  const Plan& plan_;
  const Topology& topology_;
  Matrix everywhere_;
  Matrix switched_;
};

struct DrawnLink {
  std::string a, b;
  std::string a_address, b_address;  // empty on switches
  int64_t forth_us, back_us;
};
struct DrawnNetwork {
  std::vector<std::pair<std::string, Kind>> nodes;
  std::vector<DrawnLink> links;
};

// Few distinct delays, so that equal paths are common; loops of switches, parallel links and
// islands appear by themselves.
DrawnNetwork draw_network(uint64_t seed) {
  Random random(seed);
  DrawnNetwork drawn;
  const size_t count = 3 + random.below(10);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t dice = random.below(10);
    const Kind kind = dice < 6 ? Kind::kRouter : dice < 8 ? Kind::kSwitch : Kind::kHost;
    drawn.nodes.emplace_back(
        std::string(1, static_cast<char>('a' + random.below(26))) + std::to_string(i), kind);
  }
  for (size_t i = 0; i < count * 3 / 2; ++i) {
    const size_t a = random.below(count), b = random.below(count);
    if (a == b) continue;
    drawn.links.push_back({drawn.nodes[a].first, drawn.nodes[b].first, "", "",
                           static_cast<int64_t>(random.below(3)),
                           static_cast<int64_t>(random.below(3))});
  }
  // A prefix per broadcast domain: label links, spread the least label over switches.
  std::map<std::string, Kind> kind(drawn.nodes.begin(), drawn.nodes.end());
  std::vector<int> domain(drawn.links.size());
  for (size_t i = 0; i < domain.size(); ++i) domain[i] = static_cast<int>(i);
  for (size_t round = 0; round < domain.size(); ++round) {
    for (size_t i = 0; i < domain.size(); ++i) {
      for (size_t j = 0; j < domain.size(); ++j) {
        for (const std::string& end : {drawn.links[i].a, drawn.links[i].b}) {
          if (kind[end] != Kind::kSwitch) continue;
          if (drawn.links[j].a == end || drawn.links[j].b == end) {
            domain[i] = domain[j] = std::min(domain[i], domain[j]);
          }
        }
      }
    }
  }
  for (size_t i = 0; i < domain.size(); ++i) {
    const std::string net = "10." + std::to_string(domain[i]) + ".0.";
    const int first = static_cast<int>(i) * 2 + 1;
    DrawnLink& link = drawn.links[i];
    if (kind[link.a] != Kind::kSwitch) link.a_address = net + std::to_string(first) + "/24";
    if (kind[link.b] != Kind::kSwitch) link.b_address = net + std::to_string(first + 1) + "/24";
  }
  return drawn;
}

Plan build(const DrawnNetwork& drawn) {
  Plan plan;
  for (const auto& [name, kind] : drawn.nodes) plan.node(name, kind);
  for (const DrawnLink& link : drawn.links) {
    plan.link(link.a, link.a_address, link.b, link.b_address, link.forth_us, link.back_us);
  }
  return plan;
}

TEST(Routing, AgreesWithBruteForceOnRandomNetworks) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    const Plan plan = build(draw_network(seed));
    ASSERT_TRUE(plan.topology.problems().empty());
    const Routing routing = plan.routing();
    const BruteForce oracle(plan);
    for (size_t node = 0; node < plan.topology.nodes().size(); ++node) {
      if (plan.topology.nodes()[node].kind == Kind::kSwitch) continue;
      const std::string& name = plan.topology.nodes()[node].name;
      const Lines actual = table(plan, routing, name);
      if (!actual.empty() && actual.front().starts_with("0.0.0.0/0")) continue;
      Lines expected = oracle.table_of(static_cast<int>(node));
      ASSERT_EQ(actual, expected) << "seed " << seed << ", node " << name;
    }
  }
}

TEST(Routing, LeadsEveryRoutedPacketToItsOwnerOnRandomNetworks) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Plan plan = build(draw_network(seed));
    const Routing routing = plan.routing();
    for (size_t from = 0; from < plan.topology.nodes().size(); ++from) {
      for (const AddressAssignment& given : plan.assignments) {
        const int start = static_cast<int>(from);
        if (plan.topology.nodes()[from].kind != Kind::kRouter) continue;
        if (!routing.lookup(start, given.address.address)) continue;
        const auto path = routing.path(start, given.address.address);
        ASSERT_TRUE(path.has_value())
            << "seed " << seed << ", from " << plan.topology.nodes()[from].name << " to "
            << to_string(given.address.address);
        int at = start;
        for (const LinkStep step : path->steps) {
          ASSERT_EQ(plan.topology.source(step), at);
          at = plan.topology.target(step);
        }
        EXPECT_EQ(at, given.node);
      }
    }
  }
}

TEST(Routing, DoesNotDependOnTheOrderInWhichThingsAreAdded) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const DrawnNetwork drawn = draw_network(seed);
    const Plan plan = build(drawn);
    // The same nodes, links, interfaces and addresses, numbered backwards.
    Topology mirrored;
    std::vector<AddressAssignment> assignments;
    const int last = static_cast<int>(plan.topology.nodes().size()) - 1;
    for (int node = last; node >= 0; --node) mirrored.add_node(plan.topology.nodes()[node]);
    for (auto link = plan.topology.links().rbegin(); link != plan.topology.links().rend(); ++link) {
      mirrored.add_link({last - link->b, last - link->a, link->b_interface, link->a_interface,
                         link->b_to_a, link->a_to_b});
    }
    for (auto given = plan.assignments.rbegin(); given != plan.assignments.rend(); ++given) {
      assignments.push_back({last - given->node, given->interface, given->address});
    }
    const Routing routing = plan.routing();
    const Routing other(mirrored, assignments, {.plane = "v1"});
    for (int node = 0; node <= last; ++node) {
      ASSERT_EQ(routing.routes(node), other.routes(last - node))
          << "seed " << seed << ", node " << plan.topology.nodes()[node].name;
    }
  }
}

// The 11 routers and 14 links of Abilene (2005) with the delay of light in fibre, in us.
TEST(Routing, AgreesWithFloydAndWarshallOnAbilene) {
  struct Span {
    const char* a;
    const char* b;
    int64_t us;
  };
  const std::vector<Span> spans{
      {"New_York", "Chicago", 5733},      {"New_York", "Washington", 1644},
      {"Chicago", "Indianapolis", 1318},  {"Washington", "Atlanta", 4363},
      {"Seattle", "Sunnyvale", 5697},     {"Seattle", "Denver", 8211},
      {"Sunnyvale", "Los_Angeles", 2518}, {"Sunnyvale", "Denver", 7523},
      {"Los_Angeles", "Houston", 11041},  {"Denver", "Kansas_City", 4462},
      {"Kansas_City", "Houston", 5213},   {"Kansas_City", "Indianapolis", 3656},
      {"Houston", "Atlanta", 5642},       {"Atlanta", "Indianapolis", 3440}};
  Plan plan;
  std::map<std::string, int> seen;
  for (size_t i = 0; i < spans.size(); ++i) {
    for (const char* name : {spans[i].a, spans[i].b}) {
      if (seen[name]++ == 0) plan.node(name, Kind::kRouter);
    }
    const std::string net = "10.0." + std::to_string(i);
    plan.link(spans[i].a, net + ".1/30", spans[i].b, net + ".2/30", spans[i].us);
  }
  int loopback = 1;
  std::map<std::string, std::string> address;
  for (const auto& [name, count] : seen) {
    address[name] = "10.9.9." + std::to_string(loopback++);
    plan.give(name, address[name] + "/32");
  }
  ASSERT_EQ(seen.size(), 11u);
  const Routing routing = plan.routing();
  const Matrix cost = all_pairs(plan.topology, true);
  for (const auto& [from, unused] : seen) {
    for (const auto& [to, also_unused] : seen) {
      const auto path = routing.path(plan.at(from), *IpAddress::parse(address[to]));
      ASSERT_TRUE(path.has_value()) << from << " to " << to;
      EXPECT_EQ(path->delay.ns(), cost[plan.at(from)][plan.at(to)].delay) << from << " to " << to;
    }
  }
}

}  // namespace
}  // namespace violin
