#include "core/topology.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/random.hh"

namespace violin {
namespace {

using Kind = TopologyNode::Kind;

int add(Topology& topology, const std::string& name, Kind kind, const std::string& plane = "v1") {
  return topology.add_node({name, plane, kind, -1});
}

struct Cable {
  int a;
  int b;
  int64_t forth_us = 0;
  int64_t back_us = -1;  // -1 = as forth
};

// Adds a link on the next free interface of both ends.
int join(Topology& topology, const Cable& cable) {
  int a_interface = 0, b_interface = 0;
  for (const TopologyLink& link : topology.links()) {
    a_interface += (link.a == cable.a) + (link.b == cable.a);
    b_interface += (link.a == cable.b) + (link.b == cable.b);
  }
  return topology.add_link(
      {cable.a, cable.b, a_interface, b_interface, Duration::microseconds(cable.forth_us),
       Duration::microseconds(cable.back_us < 0 ? cable.forth_us : cable.back_us)});
}

std::vector<std::string> names_on(const Topology& topology, const TopologyPath& path) {
  std::vector<std::string> names;
  for (const LinkStep step : path.steps) {
    names.push_back(topology.nodes()[topology.target(step)].name);
  }
  return names;
}

std::string messages(const std::vector<TopologyProblem>& problems) {
  std::string text;
  for (const TopologyProblem& problem : problems) text += problem.message + "\n";
  return text;
}

TEST(Topology, AcceptsAnUnderlayWithAVirtualNodePlacedOnAHost) {
  Topology topology;
  const int host = add(topology, "mit", Kind::kHost, "underlay");
  const int router = add(topology, "r", Kind::kRouter, "underlay");
  join(topology, {host, router, 5});
  topology.add_node({"h1", "v1", Kind::kHost, host});
  EXPECT_EQ(messages(topology.problems()), "");
}

TEST(Topology, RefusesALinkBetweenTwoPlanes) {
  Topology topology;
  const int a = add(topology, "a", Kind::kHost, "v1");
  const int b = add(topology, "b", Kind::kHost, "v2");
  const int link = join(topology, {a, b});
  ASSERT_EQ(topology.problems().size(), 1u);
  EXPECT_EQ(topology.problems()[0].link, link);
  EXPECT_NE(messages(topology.problems()).find("v1/a to v2/b"), std::string::npos);
}

TEST(Topology, RefusesVirtualNodesThatAreNotOnAnUnderlayHost) {
  Topology topology;
  const int router = add(topology, "r", Kind::kRouter, "underlay");
  const int lost = topology.add_node({"lost", "v1", Kind::kHost, -1});
  const int wrong = topology.add_node({"wrong", "v1", Kind::kHost, router});
  const int beyond = topology.add_node({"beyond", "v1", Kind::kHost, 99});
  const std::vector<TopologyProblem> problems = topology.problems();
  ASSERT_EQ(problems.size(), 3u) << messages(problems);
  EXPECT_EQ(problems[0].node, lost);
  EXPECT_EQ(problems[1].node, wrong);
  EXPECT_EQ(problems[2].node, beyond);
}

TEST(Topology, RefusesPlacementWhereThereIsNoUnderlay) {
  Topology topology;
  const int host = add(topology, "h", Kind::kHost);
  topology.add_node({"g", "v1", Kind::kHost, host});
  EXPECT_EQ(messages(topology.problems()), "g cannot be placed on a host\n");
}

TEST(Topology, RefusesTwoLinksAtOneInterface) {
  Topology topology;
  const int a = add(topology, "a", Kind::kHost);
  const int b = add(topology, "b", Kind::kHost);
  topology.add_link({a, b, 0, 0, Duration(), Duration()});
  const int second = topology.add_link({a, b, 1, 0, Duration(), Duration()});
  const std::vector<TopologyProblem> problems = topology.problems();
  ASSERT_EQ(problems.size(), 1u) << messages(problems);
  EXPECT_EQ(problems[0].link, second);
  EXPECT_EQ(problems[0].message, "ends at interface 0 of b, which already has a link");
}

TEST(Topology, RefusesLoopsImpossibleDelaysAndRepeatedNames) {
  Topology topology;
  const int a = add(topology, "a", Kind::kHost);
  const int b = add(topology, "a", Kind::kHost);
  join(topology, {b, b});
  join(topology, {a, b, 5, 3'600'000'001});
  const std::string text = messages(topology.problems());
  EXPECT_NE(text.find("already a node a in plane v1"), std::string::npos) << text;
  EXPECT_NE(text.find("joins a to itself"), std::string::npos) << text;
  EXPECT_NE(text.find("not between 0 and 1 hour"), std::string::npos) << text;
}

TEST(Topology, AllowsTheSameNameInTwoPlanes) {
  Topology topology;
  add(topology, "h1", Kind::kHost, "v1");
  add(topology, "h1", Kind::kHost, "v2");
  EXPECT_EQ(messages(topology.problems()), "");
}

TEST(Topology, FindsTheIslandsOfEachPlane) {
  Topology topology;
  const int a = add(topology, "a", Kind::kRouter);
  const int other = add(topology, "o", Kind::kRouter, "v2");
  const int b = add(topology, "b", Kind::kRouter);
  const int c = add(topology, "c", Kind::kRouter);
  join(topology, {c, a});
  EXPECT_EQ(topology.components("v1"), (std::vector<std::vector<int>>{{a, c}, {b}}));
  EXPECT_EQ(topology.components("v2"), (std::vector<std::vector<int>>{{other}}));
  EXPECT_TRUE(topology.components("v3").empty());
}

//   a == b -- c -- d        b, c cut the graph; b--c and c--d are bridges, the double link is none.
TEST(Topology, FindsSinglePointsOfFailureAlsoBesideParallelLinks) {
  Topology topology;
  const int a = add(topology, "a", Kind::kRouter);
  const int b = add(topology, "b", Kind::kRouter);
  const int c = add(topology, "c", Kind::kRouter);
  const int d = add(topology, "d", Kind::kRouter);
  join(topology, {a, b});
  join(topology, {b, a});
  const int first = join(topology, {b, c});
  const int second = join(topology, {d, c});
  EXPECT_EQ(topology.articulation_points("v1"), (std::vector<int>{b, c}));
  EXPECT_EQ(topology.bridges("v1"), (std::vector<int>{first, second}));
  join(topology, {d, a});
  EXPECT_TRUE(topology.articulation_points("v1").empty());
  EXPECT_TRUE(topology.bridges("v1").empty());
}

TEST(Topology, TakesThePathOfLeastDelayInEachDirection) {
  Topology topology;
  const int a = add(topology, "a", Kind::kRouter);
  const int b = add(topology, "b", Kind::kRouter);
  const int c = add(topology, "c", Kind::kRouter);
  join(topology, {a, b, 10, 50});
  join(topology, {b, c, 10, 10});
  join(topology, {a, c, 25, 25});
  const auto forth = topology.shortest_path({.from = a, .to = c});
  ASSERT_TRUE(forth.has_value());
  EXPECT_EQ(forth->delay, Duration::microseconds(20));
  EXPECT_EQ(names_on(topology, *forth), (std::vector<std::string>{"b", "c"}));
  const auto back = topology.shortest_path({.from = c, .to = a});
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->delay, Duration::microseconds(25));
  EXPECT_EQ(back->steps, (std::vector<LinkStep>{{.link = 2, .a_to_b = false}}));
}

TEST(Topology, NeverLeadsAPathThroughAHost) {
  Topology topology;
  const int a = add(topology, "a", Kind::kRouter);
  const int h = add(topology, "h", Kind::kHost);
  const int b = add(topology, "b", Kind::kRouter);
  join(topology, {a, h, 1});
  join(topology, {h, b, 1});
  EXPECT_FALSE(topology.shortest_path({.from = a, .to = b}).has_value());
  EXPECT_EQ(topology.distance({.from = h, .to = b}), Duration::microseconds(1));
  EXPECT_EQ(topology.distance({.from = a, .to = h}), Duration::microseconds(1));
  join(topology, {a, b, 100});
  EXPECT_EQ(topology.distance({.from = a, .to = b}), Duration::microseconds(100));
}

TEST(Topology, ForwardsThroughSwitchesOnlyWhenAskedTo) {
  Topology topology;
  const int a = add(topology, "a", Kind::kSwitch);
  const int r = add(topology, "r", Kind::kRouter);
  const int s = add(topology, "s", Kind::kSwitch);
  const int b = add(topology, "b", Kind::kSwitch);
  join(topology, {a, r, 1});
  join(topology, {r, b, 1});
  join(topology, {a, s, 10});
  join(topology, {s, b, 10});
  EXPECT_EQ(topology.distance({.from = a, .to = b}), Duration::microseconds(2));
  EXPECT_EQ(topology.distance({.from = a, .to = b}, Transit::kSwitches),
            Duration::microseconds(20));
}

TEST(Topology, DecidesEqualDelaysByFewerLinksThenByNameThenByInterface) {
  Topology topology;
  const int a = add(topology, "a", Kind::kRouter);
  const int z = add(topology, "z", Kind::kRouter);
  const int m = add(topology, "m", Kind::kRouter);
  const int b = add(topology, "b", Kind::kRouter);
  const int x = add(topology, "x", Kind::kRouter);
  join(topology, {a, x});  // a zero-delay detour of three links
  join(topology, {x, z});
  join(topology, {a, z});
  join(topology, {z, b});
  join(topology, {m, a});
  const int first = join(topology, {m, b});
  join(topology, {m, b});
  const auto path = topology.shortest_path({.from = a, .to = b});
  ASSERT_TRUE(path.has_value());
  EXPECT_EQ(names_on(topology, *path), (std::vector<std::string>{"m", "b"}));
  EXPECT_EQ(path->steps.back().link, first);
}

TEST(Topology, ListsTheWaysOutOfANodeInInterfaceOrder) {
  Topology topology;
  const int a = add(topology, "a", Kind::kSwitch);
  const int b = add(topology, "b", Kind::kSwitch);
  topology.add_link({b, a, 0, 2, Duration(), Duration()});
  topology.add_link({a, b, 0, 1, Duration(), Duration()});
  topology.add_link({a, b, 1, 2, Duration(), Duration()});
  EXPECT_EQ(topology.steps_from(a), (std::vector<LinkStep>{{1, true}, {2, true}, {0, false}}));
  topology.add_node({"c", "v1", Kind::kSwitch, -1});
  EXPECT_TRUE(topology.steps_from(2).empty()) << "the adjacency must follow what is added";
}

TEST(Topology, AgreesWithFloydAndWarshallOnRandomGraphs) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    Topology topology;
    const int nodes = 2 + static_cast<int>(random.below(9));
    for (int i = 0; i < nodes; ++i) {
      add(topology, "n" + std::to_string(i), static_cast<Kind>(random.below(3)));
    }
    for (int i = 0; i < nodes * 3 / 2; ++i) {
      const int a = static_cast<int>(random.below(nodes));
      const int b = static_cast<int>(random.below(nodes));
      if (a == b) continue;
      join(topology,
           {a, b, static_cast<int64_t>(random.below(4)), static_cast<int64_t>(random.below(4))});
    }
    constexpr int64_t kFar = 1'000'000;
    std::vector<std::vector<int64_t>> far(nodes, std::vector<int64_t>(nodes, kFar));
    for (int i = 0; i < nodes; ++i) far[i][i] = 0;
    for (const TopologyLink& link : topology.links()) {
      far[link.a][link.b] = std::min(far[link.a][link.b], link.a_to_b.ns());
      far[link.b][link.a] = std::min(far[link.b][link.a], link.b_to_a.ns());
    }
    for (int k = 0; k < nodes; ++k) {
      if (topology.nodes()[k].kind == Kind::kHost) continue;
      for (int i = 0; i < nodes; ++i) {
        for (int j = 0; j < nodes; ++j) far[i][j] = std::min(far[i][j], far[i][k] + far[k][j]);
      }
    }
    for (int i = 0; i < nodes; ++i) {
      for (int j = 0; j < nodes; ++j) {
        const auto path = topology.shortest_path({.from = i, .to = j});
        ASSERT_EQ(path ? path->delay.ns() : kFar, far[i][j])
            << "seed " << seed << ", " << i << " to " << j;
        if (!path) continue;
        int at = i;
        Duration sum;
        for (const LinkStep step : path->steps) {
          ASSERT_EQ(topology.source(step), at);
          at = topology.target(step);
          sum += topology.delay(step);
        }
        ASSERT_EQ(at, j);
        ASSERT_EQ(sum, path->delay);
      }
    }
  }
}

}  // namespace
}  // namespace violin
