#include "emulator/network/network_cut.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using namespace literals;

struct Cut : NetworkCut {
  Cut(const std::string& text, int parts_max) : scenario(test::read(text)) {
    static_cast<NetworkCut&>(*this) = cut_network(NetworkPlan(scenario), parts_max);
  }
  int of(const std::string& node) const {
    return part_of[static_cast<size_t>(scenario.find_node(node))];
  }
  Scenario scenario;
};

// Two kernels at either end of a line of links with these attributes.
std::string line(const std::string& left, const std::string& middle, const std::string& right,
                 const std::string& events = "") {
  return "violin: 1\nname: cut\nduration: 5 s\nviolins: { v1: { backend: uml, nodes: { h1..h4: { "
         "kind: host } },\n  links: [ { name: a, endpoints: [h1, h2], " +
         left + " }, { name: b, endpoints: [h2, h3], " + middle +
         " },\n    { name: c, endpoints: [h3, h4], " + right + " } ] } }\n" + events;
}

TEST(NetworkCut, IsWholeWhereOnePartIsAskedFor) {
  const Cut cut(line("delay: 1 ms", "delay: 1 ms", "delay: 1 ms"), 1);
  EXPECT_EQ(cut.parts, 1);
  EXPECT_TRUE(cut.part_of.empty());
}

TEST(NetworkCut, GoesThroughTheLongestLinkThatPartsItEvenly) {
  const Cut cut(line("delay: 1 ms", "delay: 7 ms", "delay: 20 us"), 2);
  EXPECT_EQ(cut.parts, 2);
  EXPECT_EQ(cut.lookahead, 7_ms);
  EXPECT_EQ(cut.of("v1/h1"), cut.of("v1/h2"));
  EXPECT_EQ(cut.of("v1/h3"), cut.of("v1/h4"));
  EXPECT_NE(cut.of("v1/h1"), cut.of("v1/h4"));
}

TEST(NetworkCut, PrefersEvenPartsToALongLookahead) {
  const Cut cut(line("delay: 50 ms", "delay: 7 ms", "delay: 1 ms"), 2);
  EXPECT_EQ(cut.lookahead, 7_ms);
  EXPECT_EQ(std::count(cut.part_of.begin(), cut.part_of.end(), 0), 2);
}

TEST(NetworkCut, KnowsNoBoundWhereAFrameMayBeEarlyOrTakesNoTime) {
  EXPECT_EQ(Cut(line("delay: 0 s", "delay: 0 s", "delay: 0 s"), 2).parts, 1);
  EXPECT_EQ(Cut(line("delay: 0 s", "delay: 9 ms, jitter: 1 ms", "delay: 0 s"), 2).parts, 1);
  const std::string shorter = "events: [ { at: 2 s, set: { link: v1/b, delay: 3 ms } } ]\n";
  EXPECT_EQ(Cut(line("delay: 0 s", "delay: 9 ms", "delay: 0 s", shorter), 2).lookahead, 3_ms);
  const std::string jumping = "events: [ { at: 2 s, set: { link: v1/b, jitter: 1 ms } } ]\n";
  EXPECT_EQ(Cut(line("delay: 0 s", "delay: 9 ms", "delay: 0 s", jumping), 2).parts, 1);
}

TEST(NetworkCut, LeavesVirtualNodesOnTheirOverlayHosts) {
  const Cut cut(R"(violin: 1
name: cut
duration: 5 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [ { endpoints: [a, b], delay: 4 ms } ]
violins:
  v1:
    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }
    links: [ { endpoints: [h1, h2] } ]
)",
                2);
  EXPECT_EQ(cut.lookahead, 4_ms);
  EXPECT_EQ(cut.of("v1/h1"), cut.of("underlay/a"));
  EXPECT_EQ(cut.of("v1/h2"), cut.of("underlay/b"));
}

TEST(NetworkCut, KeepsTheTwoEndsOfATransferBetweenModelsTogether) {
  const std::string text =
      "violin: 1\nname: cut\nduration: 5 s\nviolins: { v1: { nodes: { h1..h3: { kind: host } },\n"
      "  links: [ { endpoints: [h1, h2], delay: 9 ms }, { endpoints: [h2, h3], delay: 3 ms } ] } "
      "}\n";
  EXPECT_EQ(Cut(text, 3).parts, 3);
  const Cut cut(text + "workloads: [ { name: t, tcp: { from: v1/h1, to: v1/h2 } } ]\n", 3);
  EXPECT_EQ(cut.parts, 2);
  EXPECT_EQ(cut.of("v1/h1"), cut.of("v1/h2"));
}

TEST(NetworkCut, OfNetworksWithoutAWayBetweenThemHasNoEnd) {
  const Cut cut(
      "violin: 1\nname: cut\nduration: 5 s\nviolins: { v1: { nodes: { h1..h4: { kind: host } },\n"
      "  links: [ { endpoints: [h1, h2] }, { endpoints: [h3, h4] } ] } }\n",
      2);
  EXPECT_EQ(cut.parts, 2);
  EXPECT_EQ(cut.lookahead, Duration::max());
}

}  // namespace
}  // namespace violin
