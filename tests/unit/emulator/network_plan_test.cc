#include "emulator/network/network_plan.hh"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "emulator/scenario/tunnel_cost.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using namespace literals;
using test::error_of;
using test::read;

constexpr const char* kTwoSites = R"(violin: 1
name: plan
duration: 10 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host }, r: { kind: router } }
  links:
    - { endpoints: [a, r], delay: 3 ms }
    - { endpoints: [r, b], delay: 4 ms, mtu: 1400, "b->a": { delay: 6 ms, mtu: 1300 } }
violins:
  v1:
    encryption: $crypt
    nodes:
      h1: { kind: host, place: a }
      r1: { kind: router, place: a }
      h2: { kind: host, place: b }
    links: [ { endpoints: [h1, r1], delay: 1 ms }, { endpoints: [r1, h2] } ]
params: { crypt: none }
)";

struct TwoSites {
  explicit TwoSites(const std::string& crypt = "none", uint64_t seed = 1) {
    ScenarioOptions options;
    options.overrides.params["crypt"] = crypt;
    options.overrides.seed = seed;
    scenario = read(kTwoSites, options);
    plan = std::make_unique<NetworkPlan>(scenario);
  }
  int node(const char* name) const { return scenario.find_node(name); }
  NodePair ends(const char* from, const char* to) const { return {node(from), node(to)}; }
  Scenario scenario;
  std::unique_ptr<NetworkPlan> plan;
};

TEST(NetworkPlan, OnlyLinksBetweenOverlayHostsGetATunnel) {
  const TwoSites sites;
  ASSERT_EQ(sites.plan->tunnels().size(), 1u);
  const TunnelPlan& tunnel = sites.plan->tunnels()[0];
  EXPECT_EQ(sites.scenario.links[static_cast<size_t>(tunnel.link)].full_name(), "v1/r1--h2");
  EXPECT_EQ(tunnel.host_a, sites.node("underlay/a"));
  EXPECT_EQ(tunnel.host_b, sites.node("underlay/b"));
  EXPECT_EQ(sites.plan->tunnel_of(tunnel.link), &tunnel);
  EXPECT_EQ(sites.plan->tunnel_of(0), nullptr);
}

TEST(NetworkPlan, BothEndsOfATunnelAgreeAndEachKnowsTheMtuOfItsDirection) {
  const TwoSites sites;
  const TunnelPlan& tunnel = sites.plan->tunnels()[0];
  EXPECT_EQ(tunnel.end_a.local, tunnel.end_b.remote);
  EXPECT_EQ(tunnel.end_a.remote, tunnel.end_b.local);
  EXPECT_EQ(tunnel.end_a.send_session, tunnel.end_b.receive_session);
  EXPECT_EQ(tunnel.end_b.send_session, tunnel.end_a.receive_session);
  EXPECT_NE(tunnel.end_a.send_session, tunnel.end_b.send_session);
  EXPECT_EQ(tunnel.end_a.path_mtu, 1400);
  EXPECT_EQ(tunnel.end_b.path_mtu, 1300);
}

TEST(NetworkPlan, EncryptionIsOfTheViolinAndCostsTheProcessorMore) {
  const TwoSites plain, sealed("aes-256-gcm");
  EXPECT_FALSE(plain.plan->tunnels()[0].end_a.encrypted);
  EXPECT_TRUE(sealed.plan->tunnels()[0].end_a.encrypted);
  EXPECT_GT(sealed.plan->tunnels()[0].end_a.cost.of(1500),
            plain.plan->tunnels()[0].end_a.cost.of(1500));
}

TEST(NetworkPlan, AnotherSeedGivesOtherSessions) {
  EXPECT_NE(TwoSites("none", 1).plan->tunnels()[0].end_a.send_session,
            TwoSites("none", 2).plan->tunnels()[0].end_a.send_session);
}

TEST(NetworkPlan, APathTakesTheLinksOfTheUnderlayThatCarryIt) {
  const TwoSites sites;
  std::vector<std::string> names;
  for (const LinkStep step : sites.plan->path(sites.ends("v1/h2", "v1/h1"))) {
    names.push_back(sites.scenario.links[static_cast<size_t>(step.link)].full_name() +
                    (step.a_to_b ? ">" : "<"));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"v1/r1--h2<", "underlay/r--b<", "underlay/a--r<",
                                             "v1/h1--r1<"}));
}

TEST(NetworkPlan, TheIdleRoundTripCountsBothDirectionsTheTunnelAndItsProcessors) {
  const TwoSites sites;
  const ProcessingCost cost = default_tunnel_cost(Encryption::kNone).cost;
  // 1 + 3 + 4 ms there, 6 + 3 + 1 ms back; four handlings.
  EXPECT_EQ(sites.plan->unloaded_round_trip(sites.ends("v1/h1", "v1/h2"), Bytes(98)),
            18_ms + (cost.per_frame + cost.latency) * 4);
  EXPECT_EQ(sites.plan->unloaded_round_trip(sites.ends("underlay/a", "underlay/b"), Bytes(98)),
            16_ms);
}

TEST(NetworkPlan, WithoutAWayThereIsNoTimeForIt) {
  const Scenario scenario = read(
      "violin: 1\nname: apart\nduration: 1 s\nviolins:\n  v1:\n    nodes: { h1..h4: { kind: host } "
      "}\n"
      "    links: [ { endpoints: [h1, h2] }, { endpoints: [h3, h4] } ]\n");
  const NetworkPlan plan(scenario);
  EXPECT_EQ(plan.unloaded_round_trip({0, 2}, Bytes(98)), std::nullopt);
  EXPECT_TRUE(plan.path({0, 2}).empty());
  EXPECT_EQ(plan.address_for({0, 2}), std::nullopt);
}

TEST(NetworkPlan, ATunnelWithoutARouteIsAnErrorAtItsLink) {
  const std::string text =
      "violin: 1\nname: apart\nduration: 1 s\n"
      "underlay:\n  nodes: { a: { kind: host }, b: { kind: host }, c: { kind: host } }\n"
      "  links: [ { endpoints: [a, c] } ]\n"
      "violins:\n  v1:\n    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }\n"
      "    links: [ { endpoints: [h1, h2] } ]\n";
  const Scenario scenario = read(text);
  try {
    const NetworkPlan plan(scenario);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_CONTAINS(error.what(), "test.yaml:10:");
    EXPECT_CONTAINS(error.what(), "v1/h1--h2");
    EXPECT_CONTAINS(error.what(), "from a to b");
  }
}

TEST(NetworkPlan, MacAddressesComeFromNamesAlone) {
  const Scenario first = read(test::two_hosts(""));
  const Scenario second = read(
      "violin: 1\nname: more\nduration: 1 s\nviolins:\n  v1:\n"
      "    nodes: { h0: { kind: host }, h1..h2: { kind: host } }\n"
      "    links: [ { endpoints: [h0, h2] }, { endpoints: [h1, h2:eth5] } ]\n");
  const auto mac = [](const Scenario& scenario, const char* node) {
    const NodeSpec& spec = scenario.nodes[static_cast<size_t>(scenario.find_node(node))];
    return mac_address_of(spec, spec.interfaces[0]);
  };
  EXPECT_EQ(mac(first, "v1/h1"), mac(second, "v1/h1"));
  EXPECT_NE(mac(first, "v1/h1"), mac(first, "v1/h2"));
  std::set<uint64_t> all;
  for (const InterfaceSpec& interface : second.nodes[2].interfaces) {
    all.insert(mac_address_of(second.nodes[2], interface).bits());
  }
  EXPECT_EQ(all.size(), second.nodes[2].interfaces.size());
}

}  // namespace
}  // namespace violin
