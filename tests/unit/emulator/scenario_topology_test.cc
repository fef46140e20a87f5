#include "emulator/scenario/scenario_topology.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::error_of;
using test::read;
using test::with_head;

std::string violin_of(const std::string& body) { return with_head("violins:\n  v1:\n" + body); }

// "a:eth0-b:eth0 …": every link with the interfaces it joins.
std::string links_text(const Scenario& scenario) {
  std::string text;
  for (const LinkSpec& link : scenario.links) {
    const auto end = [&scenario](const LinkEnd& e) {
      const NodeSpec& node = scenario.nodes.at(static_cast<size_t>(e.node));
      return node.name + ":" + node.interfaces.at(static_cast<size_t>(e.interface)).name;
    };
    text += (text.empty() ? "" : " ") + link.name + "=" + end(link.a) + "-" + end(link.b);
  }
  return text;
}

TEST(ScenarioTopology, FansOutAndPairsRanges) {
  EXPECT_EQ(
      links_text(read(violin_of("    nodes: {h1..h2: {kind: host}, r1..r2: {kind: router}}\n"
                                "    links:\n      - {endpoints: [h1..h2, r1..r2]}\n"
                                "      - {name: f, endpoints: [h1..h2, r1]}\n"))),
      "h1--r1=h1:eth0-r1:eth0 h2--r2=h2:eth0-r2:eth0 f.1=h1:eth1-r1:eth1 f.2=h2:eth1-r1:eth2");
}

TEST(ScenarioTopology, NamesInterfacesAroundThoseThatTheFileNames) {
  EXPECT_EQ(
      links_text(read(violin_of("    nodes: {a: {kind: host}, b: {kind: host}}\n    links:\n"
                                "      - {endpoints: [a, b]}\n      - {endpoints: ['a:eth0', "
                                "{node: b, interface: wan}]}\n      - {endpoints: [b, a]}\n"))),
      "a--b=a:eth1-b:eth0 a--b.2=a:eth0-b:wan b--a=b:eth1-a:eth2");
}

TEST(ScenarioTopology, LaysValuesOverEachOther) {
  const Scenario scenario = read(with_head(
      "defaults: {link: {delay: 1 ms, rate: 1 Mbit/s, mtu: 1400}}\n"
      "violins:\n  v1:\n    defaults: {delay: 2 ms, loss: 1 %}\n    nodes: {h1..h2: {kind: host}}\n"
      "    links: [{endpoints: [h1, h2], loss: 2 %}]\n"));
  const WireSpec& wire = scenario.links[0].a_to_b;
  EXPECT_EQ(wire.mtu, 1400);
  EXPECT_EQ(wire.rate, BitRate::megabits_per_second(1));
  EXPECT_EQ(wire.delay, Duration::milliseconds(2));
  EXPECT_EQ(wire.loss, LossSpec(BernoulliLoss{Probability::ratio(2, 100), {}}));
}

TEST(ScenarioTopology, IgnoresADefaultQueueInTimeWhereThereIsNoRate) {
  const Scenario scenario =
      read(test::two_hosts("defaults: {link: {queue: {kind: codel, limit: 5 ms}}}\n"));
  EXPECT_EQ(scenario.links[0].a_to_b.queue.limit, QueueLimit(PacketLimit{}));
}

TEST(ScenarioTopology, ImportsAGraphAsRoutersAndAttachesHosts) {
  const Scenario scenario = read(with_head(
      "underlay:\n  graph: example.graphml\n  defaults: {rate: 10 Gbit/s}\n  backend: linux\n"
      "  nodes:\n    mit: {kind: host, attach: [{to: New_York, delay: 2 ms}, {to: 'Denver:up0'}]}\n"
      "    Chicago: {kind: router, backend: model}\n"));
  EXPECT_EQ(scenario.nodes[0].kind, NodeKind::kRouter);
  EXPECT_EQ(scenario.nodes[0].backend, Backend::kLinux);
  EXPECT_EQ(scenario.nodes[1].backend, Backend::kModel);
  EXPECT_TRUE(scenario.nodes[1].coordinates);
  EXPECT_GT(scenario.links[0].a_to_b.delay, Duration::milliseconds(5));
  EXPECT_EQ(scenario.links[0].a_to_b.rate, BitRate::megabits_per_second(10'000));
  EXPECT_EQ(links_text(scenario),
            "New_York--Chicago=New_York:eth0-Chicago:eth0 Chicago--Denver=Chicago:eth1-Denver:eth0 "
            "Denver--Sunnyvale=Denver:eth1-Sunnyvale:eth0 mit--New_York=mit:eth0-New_York:eth1 "
            "mit--Denver=mit:eth1-Denver:up0");
}

TEST(ScenarioTopology, ImportsAMatrixOfHosts) {
  const Scenario scenario = read(with_head("underlay: {matrix: rtt.txt}\n"));
  EXPECT_TRUE(scenario.planes[0].is_matrix);
  EXPECT_EQ(scenario.nodes[0].kind, NodeKind::kHost);
  ASSERT_EQ(scenario.links.size(), 3U);
  EXPECT_EQ(scenario.links[0].a_to_b.delay, Duration::milliseconds(5));
}

TEST(ScenarioTopology, RefusesUnknownNodesWithTheirPlace) {
  EXPECT_EQ(
      error_of(violin_of("    nodes: {host1: {kind: host}, s1: {kind: switch}}\n"
                         "    links: [{endpoints: [hots1, s1]}]\n")),
      "test.yaml:8:26: no such node in v1: hots1; allowed: host1, s1; did you mean \"host1\"?");
}

TEST(ScenarioTopology, RefusesImpossibleLinks) {
  const std::string nodes = "    nodes: {h1..h3: {kind: host}, s1: {kind: switch}}\n    links: ";
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{endpoints: [h1, h1]}]\n")), "the same node");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{endpoints: [h1, h2, h3]}]\n")), "a list of two");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{endpoints: [h1..h2, h1..h3]}]\n")),
                  "2 names with 3");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{endpoints: [h1, v2/h1]}]\n")),
                  "cannot join two planes");
  EXPECT_CONTAINS(
      error_of(violin_of(nodes + "[{endpoints: ['h1:eth0', s1]}, {endpoints: ['h1:eth0', s1]}]\n")),
      "has a link already: v1/h1:eth0");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{name: h1, endpoints: [h1, s1]}]\n")),
                  "a node's name");
  EXPECT_CONTAINS(
      error_of(
          violin_of(nodes + "[{name: x, endpoints: [h1, s1]}, {name: x, endpoints: [h2, s1]}]\n")),
      "two links have the name x");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{name: a--b, endpoints: [h1, s1]}]\n")),
                  "not a link's name");
  EXPECT_CONTAINS(
      error_of(violin_of(nodes + "[{endpoints: [h1, {node: s1, address: 10.0.0.1/24}]}]\n")),
      "a switch has no addresses");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{endpoints: [h1..h2, s1]}, {endpoints: "
                                             "[{node: h1..h2, address: 10.0.0.1/24}, s1]}]\n")),
                  "not to a range");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "[{endpoints: ['h1:averylonginterface', s1]}]\n")),
                  "15 letters");
}

TEST(ScenarioTopology, RefusesImpossibleNodes) {
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {h1: {}}\n")), "kind is missing: h1");
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {h1: {kind: hots}}\n")), "did you mean \"host\"?");
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {h1: {kind: host, backend: docker}}\n")),
                  "test.yaml:7:39: backend: docker; allowed: default, model, uml, netns, linux");
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {h1..h3: {kind: host}, h2: {kind: host}}\n")),
                  "exists already: h2, first at test.yaml:7:13");
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {s1: {kind: switch, backend: uml}}\n")),
                  "no backend");
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {h--1: {kind: host}}\n")), "not a node's name");
}

TEST(ScenarioTopology, RefusesNodesWithoutOrWithImpossiblePlaces) {
  const std::string underlay =
      "underlay: {nodes: {mit: {kind: host}, r: {kind: router}}}\nviolins:\n  v1: {nodes: {h1: ";
  EXPECT_EQ(error_of(with_head(underlay + "{kind: host}}}\n")),
            "test.yaml:7:16: a node of a violin needs a place, the overlay host it runs on: h1");
  EXPECT_EQ(
      error_of(with_head(underlay + "{kind: host, place: mti}}}\n")),
      "test.yaml:7:40: the place is no overlay host: mti; allowed: mit; did you mean \"mit\"?");
  EXPECT_CONTAINS(error_of(with_head(underlay + "{kind: host, place: r}}}\n")),
                  "no overlay host: r");
  EXPECT_CONTAINS(error_of(violin_of("    nodes: {h1: {kind: host, place: mit}}\n")),
                  "no underlay");
  EXPECT_CONTAINS(error_of(with_head("underlay: {nodes: {a: {kind: host, place: a}}}\n")),
                  "a node of the underlay has no place");
  EXPECT_EQ(read(with_head(underlay + "{kind: host}}, place: mit}\n")).nodes[2].place, "mit");
}

TEST(ScenarioTopology, RefusesPlanesThatCannotBe) {
  const std::string nodes = "    nodes: {h1: {kind: host}}\n";
  EXPECT_CONTAINS(error_of(violin_of(nodes + "    routing: eigrp\n")),
                  "test.yaml:8:14: routing: eigrp; allowed: static, none, ospf, rip, bgp, isis");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "    routing: statc\n")), "did you mean \"static\"?");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "    encryption: aes\n")),
                  "encryption: aes; allowed: none, aes-256-gcm, chacha20-poly1305");
  EXPECT_CONTAINS(error_of(violin_of(nodes + "    nods: {}\n")), "did you mean \"nodes\"?");
  EXPECT_CONTAINS(error_of(with_head("underlay: {encryption: none, nodes: {a: {kind: host}}}\n")),
                  "unknown key in the underlay: encryption");
  EXPECT_CONTAINS(error_of(with_head("violins: {underlay: {}}\n")), "cannot be called underlay");
  EXPECT_CONTAINS(error_of(with_head("underlay: {graph: a.dot}\n")), "no such file");
  EXPECT_CONTAINS(error_of(with_head("underlay: {graph: a.gml, matrix: b}\n")),
                  "one of graph, matrix");
}

TEST(ScenarioTopology, RefusesAnEdgeOfUnknownDelay) {
  EXPECT_CONTAINS(error_of(with_head("underlay: {graph: no_delay.gml}\n")),
                  "test.yaml:5:19: the edge between A and B has no delay and no coordinates");
  EXPECT_EQ(read(with_head("underlay: {graph: no_delay.gml, defaults: {delay: 3 ms}}\n"))
                .links[0]
                .b_to_a.delay,
            Duration::milliseconds(3));
}

TEST(ScenarioTopology, RefusesShortestPathsOverAMatrixWhosePairsHaveLinksOfTheirOwn) {
  const auto plane = [](const std::string& keys) {
    return test::error_of(test::with_head("violins:\n  v1:\n    matrix: rtt.txt\n" + keys));
  };
  EXPECT_CONTAINS(plane("    paths: shortest\n"), "test.yaml:8:12: every pair of a matrix has");
  EXPECT_EQ(plane("    paths: direct\n"), "no error");
  EXPECT_EQ(plane(""), "no error");
}

}  // namespace
}  // namespace violin
