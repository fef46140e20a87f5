#include "emulator/routing/frr_configuration.hh"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

// Two routers on a cable, each with a host; r2 and r3 with a host on a switch. `plane` holds keys
// of the violin, `link` of the cable.
Scenario routed(const std::string& plane, const std::string& link = "") {
  return test::read(test::with_head("violins:\n  v:\n    " + plane +
                                    "\n"
                                    "    nodes:\n"
                                    "      h1..h2: { kind: host }\n"
                                    "      r1..r3: { kind: router, backend: uml }\n"
                                    "      s1: { kind: switch }\n"
                                    "    links:\n"
                                    "      - { endpoints: [h1, r1] }\n"
                                    "      - { endpoints: [r1, r2], delay: 5 ms" +
                                    link +
                                    " }\n"
                                    "      - { endpoints: [r2..r3, s1] }\n"
                                    "      - { endpoints: [h2, s1] }\n"));
}

// What the daemon of that name is told; "" when there is none.
std::string told(const Scenario& scenario, const std::string& node, const std::string& daemon) {
  for (const FrrDaemon& one :
       frr_daemons(scenario, scenario.find_node(node), routed_interfaces(scenario))) {
    if (one.name == daemon) return one.configuration;
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(FrrConfiguration, OspfSpeaksOnCablesAndSwitchesAndIsSilentTowardsHosts) {
  const Scenario scenario = routed("routing: ospf");
  const std::string text = told(scenario, "v/r1", "ospfd");
  EXPECT_EQ(text,
            "hostname r1\n"
            "interface eth0\n ip ospf area 0\n ip ospf cost 1\n ip ospf hello-interval 10\n"
            " ip ospf dead-interval 40\n ip ospf passive\nexit\n"
            "interface eth1\n ip ospf area 0\n ip ospf cost 50\n ip ospf hello-interval 10\n"
            " ip ospf dead-interval 40\n ip ospf network point-to-point\nexit\n"
            "router ospf\n ospf router-id 10.0.0.5\nexit\n");
  const std::string at_switch = told(scenario, "v/r3", "ospfd");
  EXPECT_FALSE(has(at_switch, "passive")) << at_switch;
  EXPECT_FALSE(has(at_switch, "point-to-point")) << "others may come to a switch: " << at_switch;
}

TEST(FrrConfiguration, ALinkSaysWhatOspfIsToldOfIt) {
  const std::string text =
      told(routed("routing: ospf", ", ospf: { cost: 7, area: 3, hello: 1 s, dead: 4 s }"), "v/r2",
           "ospfd");
  EXPECT_TRUE(has(text,
                  " ip ospf area 3\n ip ospf cost 7\n ip ospf hello-interval 1\n"
                  " ip ospf dead-interval 4\n"))
      << text;
}

TEST(FrrConfiguration, EachAddressFamilyHasItsDaemon) {
  const Scenario four = routed("routing: ospf");
  EXPECT_EQ(told(four, "v/r1", "ospf6d"), "");
  const Scenario six = routed("routing: rip\n    addressing: { pool: \"fd00::/48\" }");
  EXPECT_EQ(told(six, "v/r1", "ripd"), "");
  EXPECT_EQ(told(six, "v/r1", "ripngd"),
            "hostname r1\nrouter ripng\n network eth0\n passive-interface eth0\n network eth1\n"
            "exit\n");
}

TEST(FrrConfiguration, BgpKnowsItsNeighboursByTheirSystems) {
  const std::string text = told(routed("routing: bgp"), "v/r2", "bgpd");
  EXPECT_TRUE(has(text, "router bgp 64513\n")) << text;
  EXPECT_TRUE(has(text, " neighbor 10.0.0.5 remote-as 64512\n")) << text;
  EXPECT_TRUE(has(text, " neighbor 10.0.1.2 remote-as 64514\n")) << text;
  EXPECT_TRUE(has(text, "redistribute connected\n  neighbor 10.0.0.5 activate\n")) << text;
  EXPECT_FALSE(has(text, "ipv6")) << text;
}

TEST(FrrConfiguration, IsisHasAnAddressOfItsOwnForEveryRouter) {
  const Scenario scenario = routed("routing: isis");
  EXPECT_TRUE(has(told(scenario, "v/r1", "isisd"), " net 49.0001.0000.0000.0001.00\n"));
  EXPECT_TRUE(has(told(scenario, "v/r3", "isisd"), " net 49.0001.0000.0000.0003.00\n"));
  EXPECT_TRUE(
      has(told(scenario, "v/r1", "isisd"), " isis metric 50\n isis network point-to-point\n"));
}

TEST(FrrConfiguration, ARouterMayHaveAConfigurationOfItsOwnOrAnotherProtocol) {
  const Scenario scenario = test::read(test::with_head(
      "violins:\n  v:\n    routing: ospf\n"
      "    nodes:\n"
      "      r1: { kind: router, routing: { protocol: ospf, text: \"router ospf\" } }\n"
      "      r2: { kind: router }\n"
      "      r3: { kind: router, routing: static }\n"
      "    links: [ { endpoints: [r1, r2] }, { endpoints: [r2, r3] } ]\n"));
  EXPECT_EQ(told(scenario, "v/r1", "ospfd"), "hostname r1\nrouter ospf");
  EXPECT_TRUE(has(told(scenario, "v/r2", "ospfd"), "interface eth1\n")) << "r3 hears nothing";
  EXPECT_TRUE(has(told(scenario, "v/r2", "ospfd"), "ip ospf passive")) << "r3 says nothing";
  EXPECT_TRUE(routed_interfaces(scenario)[2].empty());
}

}  // namespace
}  // namespace violin
