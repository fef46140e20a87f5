#include "emulator/routing/shortest_routes.hh"

#include <gtest/gtest.h>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using Texts = std::vector<std::string>;

// A ring r1 - r2 - r3 - r4 - r1 of equal cables, subnets 10.0.0.0/30, .4, .8 and .12 in that
// order, and a host at r3: 10.0.0.16/30. Interfaces: r1 eth0 to r2, eth1 to r4; r2 eth0 to r1, eth1
// to r3.
std::string ring(const std::string& kind, const std::string& events = "",
                 const std::string& link = "") {
  return test::with_head("violins:\n  v:\n    routing: " + kind +
                         "\n"
                         "    nodes: { r1..r4: { kind: router }, h: { kind: host } }\n"
                         "    links:\n"
                         "      - { name: a, endpoints: [r1, r2]" +
                         link +
                         " }\n"
                         "      - { name: b, endpoints: [r2, r3] }\n"
                         "      - { name: c, endpoints: [r3, r4] }\n"
                         "      - { name: d, endpoints: [r4, r1] }\n"
                         "      - { endpoints: [r3, h] }\n" +
                         events);
}

TableRoute route(const std::string& prefix, std::vector<TableRoute::Hop> hops) {
  return {prefix, "ospf", std::move(hops)};
}

const TableRoute::Hop kByR2{"10.0.0.2", "eth0"};
const TableRoute::Hop kByR4{"10.0.0.13", "eth1"};

// r1's table: how it reaches r2 - r3, r3 - r4 and the host.
Texts judged(const std::string& text, const std::vector<TableRoute::Hop>& to_b,
             const std::vector<TableRoute::Hop>& to_c, const std::vector<TableRoute::Hop>& to_h) {
  const Scenario scenario = test::read(text);
  std::vector<TableRoute> table = {{"10.0.0.0/30", "kernel", {{"", "eth0"}}}};
  if (!to_b.empty()) table.push_back(route("10.0.0.4/30", to_b));
  if (!to_c.empty()) table.push_back(route("10.0.0.8/30", to_c));
  if (!to_h.empty()) table.push_back(route("10.0.0.16/30", to_h));
  return ShortestRoutes(scenario).deviations(scenario.find_node("v/r1"), table);
}

TEST(ShortestRoutes, EitherOfTwoEqualWaysIsRightAndBoth) {
  for (const auto& to_h : {std::vector{kByR2}, std::vector{kByR4}, std::vector{kByR2, kByR4}}) {
    EXPECT_EQ(judged(ring("ospf"), {kByR2}, {kByR4}, to_h), Texts());
  }
}

TEST(ShortestRoutes, ALongerWayIsNamed) {
  EXPECT_EQ(judged(ring("ospf"), {kByR4}, {kByR4}, {kByR2}),
            Texts{"the way to 10.0.0.4/30 by 10.0.0.13 at eth1 is not a shortest one"});
  EXPECT_EQ(judged(ring("ospf"), {{"10.0.0.9", "eth0"}}, {kByR4}, {kByR2}),
            Texts{"the way to 10.0.0.4/30 by 10.0.0.9 at eth0 is not a shortest one"});
}

TEST(ShortestRoutes, WhatIsMissingAndWhatNobodyHasIsNamed) {
  EXPECT_EQ(judged(ring("ospf"), {kByR2}, {kByR4}, {}), Texts{"no route to 10.0.0.16/30"});
  const Scenario scenario = test::read(ring("ospf"));
  const Texts found = ShortestRoutes(scenario).deviations(
      scenario.find_node("v/r1"), {route("10.0.0.4/30", {kByR2}), route("10.0.0.8/30", {kByR4}),
                                   route("10.0.0.16/30", {kByR2}), route("10.9.0.0/16", {kByR2})});
  EXPECT_EQ(found, Texts{"a route to 10.9.0.0/16, which nobody can reach"});
}

TEST(ShortestRoutes, CostsDecide) {
  const std::string dear = ring("ospf", "", ", ospf: { cost: 5 }");
  EXPECT_EQ(judged(dear, {kByR4}, {kByR4}, {kByR4}), Texts());
  EXPECT_EQ(judged(dear, {kByR4}, {kByR4}, {kByR2}).size(), 1u);
  EXPECT_EQ(judged(ring("rip", "", ", delay: 50 ms"), {kByR2}, {kByR4}, {kByR2}), Texts())
      << "RIP counts routers";
  EXPECT_EQ(judged(ring("isis", "", ", delay: 50 ms"), {kByR2}, {kByR4}, {kByR4}).size(), 1u)
      << "IS-IS counts what delays cost";
}

TEST(ShortestRoutes, ALinkThatStaysDownIsGone) {
  const std::string down = "events: [ { at: 1 s, down: v/a } ]\n";
  EXPECT_EQ(judged(ring("ospf", down), {kByR4}, {kByR4}, {kByR4}), Texts());
  EXPECT_EQ(judged(ring("ospf", down), {kByR4}, {kByR4}, {kByR2}).size(), 1u);
  const std::string back = "events: [ { at: 1 s, down: v/a, for: 2 s } ]\n";
  EXPECT_EQ(judged(ring("ospf", back), {kByR2}, {kByR4}, {kByR2}), Texts());
}

TEST(ShortestRoutes, OnlyWhatIsKnownIsComparedWhereCostsAreNot) {
  const std::string areas = ring("ospf", "", ", ospf: { area: 1 }");
  EXPECT_EQ(judged(areas, {kByR4}, {kByR4}, {kByR2}), Texts());
  EXPECT_EQ(judged(areas, {kByR4}, {kByR4}, {}), Texts{"no route to 10.0.0.16/30"});
}

}  // namespace
}  // namespace violin
