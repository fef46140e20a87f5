#include "emulator/scenario/scenario_routing.hh"

#include <gtest/gtest.h>

#include "emulator/command/clock_requirements.hh"
#include "emulator/network/network_plan.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

std::string violin_with(const std::string& plane, const std::string& node = "",
                        const std::string& link = "") {
  return test::with_head("violins:\n  v:\n    " + plane + "\n    nodes: { r1: { kind: router" +
                         node + " }, r2: { kind: router }, h: { kind: host } }\n" +
                         "    links: [ { endpoints: [r1, r2]" + link +
                         " }, { endpoints: [r2, h] } ]\n");
}

TEST(ScenarioRouting, APlaneSaysItForItsRoutersAndEachMayDiffer) {
  const Scenario scenario = test::read(violin_with("routing: ospf", ", routing: none"));
  EXPECT_EQ(scenario.nodes[0].routing.kind, RoutingKind::kNone);
  EXPECT_EQ(scenario.nodes[1].routing.kind, RoutingKind::kOspf);
  EXPECT_EQ(scenario.plane("v").routing, RoutingKind::kOspf);
}

TEST(ScenarioRouting, OnlyHostsAreGivenRoutesWhereRoutersHaveAProtocol) {
  const Scenario scenario = test::read(violin_with("routing: rip"));
  const NetworkPlan plan(scenario);
  EXPECT_TRUE(plan.given_routes(0).empty());
  EXPECT_TRUE(plan.given_routes(1).empty());
  EXPECT_FALSE(plan.given_routes(2).empty()) << "its default route";
  EXPECT_TRUE(plan.address_for({2, 0})) << "workloads are planned on what will be found";
}

TEST(ScenarioRouting, OspfOfALinkIsThePlanesUnlessItSaysOtherwise) {
  const Scenario scenario = test::read(
      violin_with("routing: ospf\n    ospf: { hello: 2 s, dead: 8 s }", "", ", ospf: { cost: 3 }"));
  EXPECT_EQ(scenario.links[0].ospf.hello, Duration::seconds(2));
  EXPECT_EQ(scenario.links[0].ospf.cost, 3);
  EXPECT_EQ(scenario.links[1].ospf.cost, std::nullopt);
  EXPECT_EQ(scenario.links[1].ospf.dead, Duration::seconds(8));
}

TEST(ScenarioRouting, IsWrittenAsItIsRead) {
  const Scenario scenario =
      test::read(violin_with("routing: ospf\n    ospf: { area: 2 }",
                             ", routing: { protocol: bgp, text: \"router bgp 7\\n exit\\n\" }",
                             ", ospf: { cost: 3, hello: 1 s }"));
  std::ostringstream text;
  write_scenario(scenario, text);
  const Scenario again = test::read(text.str());
  EXPECT_EQ(again.nodes[0].routing, scenario.nodes[0].routing);
  EXPECT_EQ(again.nodes[0].routing.configuration, "router bgp 7\n exit\n");
  EXPECT_EQ(again.nodes[1].routing, scenario.nodes[1].routing);
  EXPECT_EQ(again.links[0].ospf, scenario.links[0].ospf);
  EXPECT_EQ(again.links[1].ospf, scenario.links[1].ospf);
}

TEST(ScenarioRouting, WhatCannotBeIsRefusedWhereItStands) {
  const auto refused = [](const std::string& text, const std::string& words) {
    const std::string error = test::error_of(text);
    EXPECT_NE(error.find(words), std::string::npos) << error;
  };
  refused(violin_with("routing: osfp"), "did you mean \"ospf\"");
  refused(violin_with("routing: ospf", ", routing: { protocol: static, text: x }"),
          "no daemon to configure");
  refused(violin_with("routing: ospf", ", routing: { protocol: ospf, text: \"\" }"), "empty");
  refused(violin_with("routing: ospf", ", routing: { protocol: ospf, config: none.conf }"),
          "none.conf");
  refused(violin_with("routing: ospf", ", routing: { protocol: ospf, config: a, text: b }"),
          "not both");
  refused(violin_with("routing: ospf", "", ", ospf: { cost: 0 }"), "1 to 65535");
  refused(violin_with("routing: ospf", "", ", ospf: { hello: 1.5 s }"), "whole seconds");
  refused(violin_with("routing: ospf", "", ", ospf: { hello: 40 s }"), "more than hello, 40 s");
  refused(test::with_head("violins:\n  v:\n    nodes: { h: { kind: host, routing: ospf } }\n"),
          "only routers");
}

TEST(ScenarioRouting, AProtocolNeedsRoutersWithAKernel) {
  const Scenario scenario = test::read(violin_with("routing: isis", ", backend: uml"));
  const std::vector<std::string> refusals = virtual_clock_refusals(scenario);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_NE(refusals[0].find("FRR"), std::string::npos) << refusals[0];
  EXPECT_NE(refusals[0].find(": v/r2"), std::string::npos) << refusals[0];
  EXPECT_TRUE(real_clock_refusals(scenario).empty()) << "network namespaces there";
}

}  // namespace
}  // namespace violin
