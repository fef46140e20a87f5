#include "emulator/graph/topology_drawing.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace violin {
namespace {

NodeSpec node(const std::string& plane, const std::string& name, NodeKind kind,
              const std::string& place = "") {
  NodeSpec spec;
  spec.plane = plane;
  spec.name = name;
  spec.kind = kind;
  spec.place = place;
  return spec;
}

// Three planes: mit and duke on the underlay router r; h1 on mit and s1 on duke in v1; x in v2.
Scenario three_planes() {
  Scenario scenario;
  scenario.name = "demo \"one\"";
  scenario.planes.resize(3);
  scenario.planes[0].name = "underlay";
  scenario.planes[0].is_underlay = true;
  scenario.planes[1].name = "v1";
  scenario.planes[2].name = "v2";
  scenario.nodes = {
      node("underlay", "mit", NodeKind::kHost),    node("underlay", "duke", NodeKind::kHost),
      node("underlay", "r", NodeKind::kRouter),    node("v1", "h1", NodeKind::kHost, "mit"),
      node("v1", "s1", NodeKind::kSwitch, "duke"), node("v2", "x", NodeKind::kHost, "mit")};
  scenario.nodes[2].coordinates = {40.5, -74};
  const auto link = [&](const std::string& plane, int a, int b) {
    LinkSpec spec;
    spec.plane = plane;
    spec.name = scenario.nodes[a].name + "--" + scenario.nodes[b].name;
    spec.a.node = a;
    spec.b.node = b;
    spec.a_to_b.delay = spec.b_to_a.delay = Duration::milliseconds(2);
    spec.a_to_b.rate = spec.b_to_a.rate = BitRate::megabits_per_second(100);
    scenario.links.push_back(spec);
  };
  link("underlay", 0, 2);
  link("underlay", 1, 2);
  link("v1", 3, 4);
  return scenario;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(TopologyDrawing, DrawsAClusterPerPlaneWithTheUnderlayLast) {
  const std::string dot = draw_dot(three_planes());
  EXPECT_EQ(count(dot, "subgraph \"cluster_"), 3u);
  EXPECT_LT(dot.find("cluster_v1"), dot.find("cluster_underlay"));
  EXPECT_LT(dot.find("cluster_v2"), dot.find("cluster_underlay"));
  EXPECT_EQ(count(dot, "{"), count(dot, "}"));
}

TEST(TopologyDrawing, ShapesNodesByKind) {
  const std::string dot = draw_dot(three_planes());
  EXPECT_NE(dot.find("\"v1/h1\" [label=\"h1\", shape=box"), std::string::npos) << dot;
  EXPECT_NE(dot.find("\"v1/s1\" [label=\"s1\", shape=hexagon"), std::string::npos) << dot;
  EXPECT_NE(dot.find("\"underlay/r\" [label=\"r\", shape=ellipse"), std::string::npos) << dot;
}

TEST(TopologyDrawing, LabelsLinksWithDelayAndRateOfEachDirectionThatDiffers) {
  Scenario scenario = three_planes();
  EXPECT_EQ(count(draw_dot(scenario), "label=\"2 ms, 100 Mbit/s\""), 3u) << draw_dot(scenario);
  scenario.links[0].b_to_a.delay = Duration::milliseconds(7);
  scenario.links[0].b_to_a.rate = BitRate();
  const std::string dot = draw_dot(scenario);
  EXPECT_EQ(count(dot, "label=\"mit: 2 ms, 100 Mbit/s / r: 7 ms\""), 1u) << dot;
  EXPECT_EQ(count(draw_dot(scenario, {.link_labels = false}), "Mbit/s"), 0u);
}

TEST(TopologyDrawing, TiesVirtualNodesToTheirOverlayHostsWithDashes) {
  const std::string dot = draw_dot(three_planes());
  EXPECT_EQ(count(dot, "style=dashed"), 3u);
  EXPECT_NE(dot.find("\"v1/s1\" -- \"underlay/duke\" [style=dashed"), std::string::npos) << dot;
  EXPECT_EQ(count(draw_dot(three_planes(), {.placements = false}), "style=dashed"), 0u);
}

TEST(TopologyDrawing, DrawsLinksBetweenOverlayHostsAsTunnels) {
  Scenario scenario = three_planes();
  EXPECT_EQ(count(draw_dot(scenario), "penwidth=2.5"), 1u);
  scenario.nodes[4].place = "mit";
  EXPECT_EQ(count(draw_dot(scenario), "penwidth=2.5"), 0u);
}

TEST(TopologyDrawing, QuotesWhatDotWouldMisread) {
  EXPECT_NE(draw_dot(three_planes()).find("graph \"demo \\\"one\\\"\" {"), std::string::npos);
  Scenario scenario = three_planes();
  scenario.name = "a\\";
  EXPECT_NE(draw_dot(scenario).find("graph \"a\\\\\" {"), std::string::npos);
}

TEST(TopologyDrawing, PinsNodesToTheirCoordinatesOnlyWhenAsked) {
  EXPECT_EQ(count(draw_dot(three_planes()), "pos="), 0u);
  EXPECT_EQ(count(draw_dot(three_planes(), {.geographic = true}), "pos=\"-2960.0,1620.0!\""), 1u);
}

}  // namespace
}  // namespace violin
