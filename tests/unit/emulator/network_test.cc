#include "emulator/network/network.hh"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulation.hh"

namespace violin {
namespace {

using namespace literals;
using testing::Simulation;

constexpr const char* kSites = R"(violin: 1
name: network
duration: 5 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [ { endpoints: [a, b], delay: 3 ms } ]
violins:
  v1:
    nodes:
      h1: { kind: host, place: a }
      s1: { kind: switch, place: a }
      r1: { kind: router, place: b }
    links: [ { endpoints: [h1, s1], mtu: 1300 }, { endpoints: [s1, r1] } ]
workloads:
  - { name: rtt, ping: { from: v1/h1, to: v1/r1, count: 3 } }
)";

TEST(Network, MakesEachNodeAsItsKindSays) {
  Simulation simulation(kSites);
  Network& network = simulation.network();
  const int host = simulation.node("v1/h1"), lan = simulation.node("v1/s1"),
            router = simulation.node("v1/r1");
  EXPECT_NE(network.host(host), nullptr);
  EXPECT_EQ(network.host(router), nullptr);
  EXPECT_NE(network.ip_node(router), nullptr);
  EXPECT_EQ(network.ip_node(lan), nullptr);
  EXPECT_EQ(network.node(lan)->nic_count(), 2u);
  EXPECT_EQ(network.node(host)->nic(0).mtu(), 1300);
  EXPECT_EQ(network.node(host)->nic(0).mac(),
            mac_address_of(simulation.scenario().nodes[static_cast<size_t>(host)],
                           simulation.scenario().nodes[static_cast<size_t>(host)].interfaces[0]));
}

TEST(Network, KnowsWhoseAddressItIsWithinAPlane) {
  Simulation simulation(kSites);
  const int host = simulation.node("v1/h1"), outside = simulation.node("underlay/a");
  const IpAddress address = simulation.network().node(host)->nic(0).addresses()[0].address;
  EXPECT_EQ(simulation.network().plan().owner_of(address, simulation.node("v1/r1")), host);
  EXPECT_EQ(simulation.network().plan().owner_of(address, outside), -1) << "another plane";
}

TEST(Network, AFrameHopIsAFrameThatLeftTheFarEndOfAWire) {
  Simulation simulation(
      "violin: 1\nname: hops\nduration: 5 s\nviolins:\n  v1:\n    nodes: { h1..h2: { kind: host } "
      "}\n"
      "    links: [ { endpoints: [h1, h2], delay: 1 ms } ]\n"
      "workloads: [ { name: rtt, ping: { from: v1/h1, to: v1/h2, count: 3 } } ]\n");
  simulation.run();
  EXPECT_EQ(simulation.network().frame_hops(), 2u + 2u * 3u) << "ARP, and three echoes";
}

TEST(Network, ASliceHasTheNodesItOwnsTheWiresThatBeginAndTheFlightsThatEndThere) {
  class NoFrontier final : public Frontier {
    void cross(uint32_t, const Frame&, Time) override {}
    void went_down(uint32_t) override {}
  } frontier;
  const Scenario scenario = test::read(kSites);
  Network::Slice slice{.owned = {}, .frontier = &frontier};
  for (const NodeSpec& node : scenario.nodes) {
    slice.owned.push_back(node.full_name() == "underlay/a" || node.place == "a");
  }
  Simulation simulation(scenario, slice);
  Network& network = simulation.network();
  EXPECT_NE(network.node(simulation.node("v1/h1")), nullptr);
  EXPECT_EQ(network.node(simulation.node("v1/r1")), nullptr);
  EXPECT_EQ(network.node(simulation.node("underlay/b")), nullptr);
  const int cut = simulation.link("underlay/a--b"), tunnelled = simulation.link("v1/s1--r1");
  EXPECT_NE(network.wire(cut, true), nullptr);
  EXPECT_NE(network.flight(cut, true), nullptr) << "stands for the far half";
  EXPECT_EQ(network.wire(cut, false), nullptr);
  EXPECT_NE(network.flight(cut, false), nullptr);
  EXPECT_NE(network.wire(tunnelled, true), nullptr) << "ends at the own overlay host";
  EXPECT_EQ(network.flight(tunnelled, false), nullptr);
  EXPECT_NE(network.tunnels()[0].end_a, nullptr);
  EXPECT_EQ(network.tunnels()[0].end_b, nullptr);
}

TEST(NetworkDeathTest, AVirtualNodeIsInTheSliceOfItsOverlayHost) {
  const Scenario scenario = test::read(kSites);
  Network::Slice slice{.owned = std::vector<bool>(scenario.nodes.size(), false)};
  slice.owned[static_cast<size_t>(scenario.find_node("v1/r1"))] = true;
  EXPECT_DEATH(Simulation(scenario, slice), "one slice");
}

TEST(Network, APoolThatIsTooSmallEndsTheRunAndSaysSo) {
  const Scenario scenario = test::read(kSites);
  const NetworkPlan plan(scenario);
  Network network(plan, BufferLimits{.frames = 1, .slot_bytes = 1});
  WorkloadSet workloads(network);
  network.rank_entities();
  workloads.start();
  Warp warp;
  EXPECT_THROW(network.scheduler().run_until(Time::zero() + 5_s, warp), PoolExhausted);
}

}  // namespace
}  // namespace violin
