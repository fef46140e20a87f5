#include "emulator/scenario/topology_generator.hh"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

GeneratedTopology make(const std::string& text, uint64_t seed = 1) {
  return generate_topology(*parse_yaml(text, "t.yaml"), Random(seed));
}

std::string error_of(const std::string& text) {
  try {
    make(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string links_text(const GeneratedTopology& topology) {
  std::string text;
  for (const GeneratedLink& link : topology.links) {
    text += (text.empty() ? "" : " ") + topology.nodes[static_cast<size_t>(link.a)].name +
            (link.to_host ? "-" : "=") + topology.nodes[static_cast<size_t>(link.b)].name;
  }
  return text;
}

TEST(TopologyGenerator, MakesTheRegularKinds) {
  EXPECT_EQ(links_text(make("{kind: star, hosts: 2}")), "s1-h1 s1-h2");
  EXPECT_EQ(links_text(make("{kind: line, routers: 3, hosts: 0}")), "r1=r2 r2=r3");
  EXPECT_EQ(links_text(make("{kind: line, routers: 2}")), "r1=r2 r1-h1 r2-h2");
  EXPECT_EQ(links_text(make("{kind: tree, depth: 2, fanout: 2}")),
            "r1=r2 r1=r3 r2-h1 r2-h2 r3-h3 r3-h4");
  EXPECT_EQ(links_text(make("{kind: grid, rows: 2, columns: 2, hosts: 0}")),
            "r1_1=r1_2 r1_1=r2_1 r2_1=r2_2 r1_2=r2_2");
  EXPECT_EQ(links_text(make("{kind: dumbbell, pairs: 2}")),
            "r1=r2 left1-r1 left2-r1 r2-right1 r2-right2");
  EXPECT_EQ(links_text(make("{kind: clos, spines: 2, leaves: 2, hosts: 2}")),
            "leaf1=spine1 leaf1=spine2 leaf2=spine1 leaf2=spine2 leaf1-s1 s1-h1 s1-h2 leaf2-s2 "
            "s2-h3 s2-h4");
}

TEST(TopologyGenerator, MakesConnectedRandomGraphsOfTheWantedDegree) {
  const GeneratedTopology topology = make("{kind: random, routers: 200, degree: 4, hosts: 0}");
  EXPECT_EQ(topology.links.size(), 400U);
  std::vector<int> roots(200);
  for (int i = 0; i < 200; ++i) roots[static_cast<size_t>(i)] = i;
  std::map<std::pair<int, int>, int> seen;
  for (const GeneratedLink& link : topology.links) {
    EXPECT_NE(link.a, link.b);
    EXPECT_EQ(seen[std::minmax(link.a, link.b)]++, 0) << "no edge twice";
    const int from = roots[static_cast<size_t>(link.a)], to = roots[static_cast<size_t>(link.b)];
    for (int& root : roots) root = root == from ? to : root;
  }
  for (const int root : roots) EXPECT_EQ(root, roots[0]) << "connected";
}

TEST(TopologyGenerator, MakesTheSameGraphFromTheSameSeedOnly) {
  const std::string text = "{kind: random, routers: 50, degree: 3, hosts: 1}";
  EXPECT_EQ(links_text(make(text, 1)), links_text(make(text, 1)));
  EXPECT_NE(links_text(make(text, 1)), links_text(make(text, 2)));
}

TEST(TopologyGenerator, RefusesImpossibleTopologies) {
  EXPECT_CONTAINS(error_of("{kind: ring}"), "star, line, tree, grid, dumbbell, clos, random");
  EXPECT_CONTAINS(error_of("{hosts: 3}"), "needs the key \"kind\"");
  EXPECT_CONTAINS(error_of("{kind: star}"), "needs the key \"hosts\"");
  EXPECT_CONTAINS(error_of("{kind: star, hosts: 0}"), "from 1 to");
  EXPECT_CONTAINS(error_of("{kind: star, hosts: 2, degree: 3}"), "unknown key");
  EXPECT_CONTAINS(error_of("{kind: random, routers: 4, degree: 4}"), "less than the number");
  EXPECT_CONTAINS(error_of("{kind: tree, depth: 20, fanout: 10}"), "more than 1000000 nodes");
}

// 1000 routers with 100 hosts each on one prefix: every node, link and address is there, and
// nothing on the way is quadratic, or the test would not end.
TEST(TopologyGenerator, FillsAScenarioOfAHundredThousandHosts) {
  const Scenario scenario = test::read(test::with_head(
      "violins:\n  v1:\n    topology: {kind: random, routers: 1000, degree: 4, hosts: 100, "
      "link: {delay: 5 ms}, host_link: {delay: 1 ms}}\n    addressing: {pool: 10.0.0.0/8}\n"));
  EXPECT_EQ(scenario.nodes.size(), 102'000U);
  EXPECT_EQ(scenario.links.size(), 2'000U + 101'000U);
  EXPECT_EQ(scenario.links.front().a_to_b.delay, Duration::milliseconds(5));
  EXPECT_EQ(scenario.links.back().a_to_b.delay, Duration::milliseconds(1));
  const NodeSpec& last = scenario.nodes.back();
  EXPECT_EQ(last.name, "h100000");
  EXPECT_EQ(last.interfaces.at(0).addresses.at(0).prefix_length, 24);
}

}  // namespace
}  // namespace violin
