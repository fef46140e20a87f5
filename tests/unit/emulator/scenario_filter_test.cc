#include "emulator/scenario/scenario_filter.hh"

#include <gtest/gtest.h>

#include "emulator/command/clock_requirements.hh"
#include "emulator/network/network_plan.hh"
#include "emulator/routing/filter_programs.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

// h1 - r - h2; `router` holds keys of the router, `rest` what stands behind the violin.
std::string behind(const std::string& router, const std::string& rest = "") {
  return test::with_head(
      "violins:\n  v:\n    nodes: { h1: { kind: host }, h2: { kind: host }, r: { kind: router" +
      router + " } }\n    links: [ { endpoints: [h1, r] }, { endpoints: [r, h2] } ]\n" + rest);
}

std::string ping_to(const std::string& keys) {
  return "workloads: [ { name: p, ping: { from: v/h1, " + keys + " } } ]\n";
}

constexpr const char* kNat =
    ", backend: uml, nat: { out: eth1, forward: [ { port: 8080, to: \"10.0.0.1:80\" }, "
    "{ port: 53, to: 10.0.0.1, protocol: udp } ] }";

TEST(ScenarioFilter, TranslationIsARulesetOfNftables) {
  const Scenario scenario = test::read(behind(kNat));
  EXPECT_EQ(nat_ruleset(scenario.nodes[2].filter.nat),
            "table inet violin_nat {\n"
            "  chain prerouting {\n"
            "    type nat hook prerouting priority dstnat\n"
            "    iifname \"eth1\" meta nfproto ipv4 tcp dport 8080 dnat ip to 10.0.0.1:80\n"
            "    iifname \"eth1\" meta nfproto ipv4 udp dport 53 dnat ip to 10.0.0.1:53\n"
            "  }\n"
            "  chain postrouting {\n"
            "    type nat hook postrouting priority srcnat\n"
            "    oifname \"eth1\" masquerade\n"
            "  }\n"
            "}\n");
}

TEST(ScenarioFilter, ANodeWithARulesetRunsNftBeforeEverythingElse) {
  const Scenario scenario =
      test::read(behind(std::string(kNat) + ", firewall: { text: \"table inet f {}\" }"));
  const FilterPrograms programs(scenario, ClockKind::kVirtual);
  ASSERT_EQ(programs.steps().size(), 1u);
  const ProgramStep& nft = programs.steps()[0];
  EXPECT_EQ(nft.start, Time::zero() - Duration::seconds(1));
  EXPECT_TRUE(nft.argv.back().starts_with("table inet f {}\ntable inet violin_nat {"))
      << nft.argv.back();
  ProgramOutcome refused;
  refused.launched = nft.start;
  refused.status = 1;
  refused.error = "/dev/stdin:1:1-3: Error: syntax error, unexpected junk\ntbl x\n^^^\n";
  const std::vector<std::string> failures = programs.failures({refused});
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0],
            "firewall of v/r: nft says /dev/stdin:1:1-3: Error: syntax error, unexpected junk");
}

TEST(ScenarioFilter, IsWrittenAsItIsRead) {
  const Scenario scenario = test::read(
      behind(std::string(kNat) + ", firewall: { text: \"table inet f {\\n}\" }",
             "workloads: [ { name: t, tcp: { from: v/h2, to: v/h1, address: \"10.0.0.6:8080\", "
             "duration: 1 s } } ]\n"));
  std::ostringstream text;
  write_scenario(scenario, text);
  const Scenario again = test::read(text.str());
  EXPECT_EQ(again.nodes[2].filter.firewall, "table inet f {\n}");
  EXPECT_EQ(nat_ruleset(again.nodes[2].filter.nat), nat_ruleset(scenario.nodes[2].filter.nat));
  EXPECT_EQ(again.workloads[0].called, IpAddress::parse("10.0.0.6"));
  EXPECT_EQ(again.workloads[0].called_port, 8080);
}

TEST(ScenarioFilter, WorkloadsCallAddresses) {
  const Scenario scenario = test::read(behind("", ping_to("to: 10.0.0.6")));
  EXPECT_EQ(scenario.workloads[0].to, scenario.find_node("v/h2"));
  EXPECT_EQ(NetworkPlan(scenario).target_of(scenario.workloads[0]), IpAddress::parse("10.0.0.6"));
  const Scenario other = test::read(behind("", ping_to("to: v/h2, address: 10.0.0.2")));
  EXPECT_EQ(other.workloads[0].to, other.find_node("v/h2"));
  EXPECT_EQ(NetworkPlan(other).target_of(other.workloads[0]), IpAddress::parse("10.0.0.2"));
}

TEST(ScenarioFilter, WhatCannotBeIsRefusedWhereItStands) {
  const auto refused = [](const std::string& text, const std::string& words) {
    const std::string error = test::error_of(text);
    EXPECT_NE(error.find(words), std::string::npos) << error;
  };
  refused(behind(", nat: { out: eth2 }"), "eth2");
  refused(behind(", nat: { out: eth1, forward: [ { port: 0, to: 10.0.0.1 } ] }"), "1 to 65535");
  refused(behind(", nat: { out: eth1, forward: [ { port: 1, to: \"10.0.0.1:\" } ] }"),
          "an address, and a port");
  refused(behind(", firewall: none.nft"), "none.nft");
  refused(behind(", firewall: { text: \"\" }"), "empty");
  refused(test::with_head("violins:\n  v:\n    nodes: { h: { kind: host, nat: { out: eth0 } } }\n"),
          "only a router");
  refused(behind("", ping_to("to: 10.9.9.9")), "nobody in v has the address 10.9.9.9");
  refused(behind("", ping_to("to: \"10.0.0.6:80\"")), "only tcp and udp have ports");
  refused(behind("", ping_to("to: 10.0.0.6, address: 10.0.0.6")), "an address already");
}

TEST(ScenarioFilter, ModelsFilterNothing) {
  const Scenario scenario = test::read(behind(", nat: { out: eth1 }"));
  const std::vector<std::string> refusals = virtual_clock_refusals(scenario);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_NE(refusals[0].find("firewall and nat"), std::string::npos) << refusals[0];
  EXPECT_TRUE(real_clock_refusals(scenario).empty());
}

}  // namespace
}  // namespace violin
