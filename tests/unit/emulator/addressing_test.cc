#include "emulator/scenario/addressing.hh"

#include <gtest/gtest.h>

#include "emulator/scenario/address_pool.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using test::error_of;
using test::read;

std::string violin_of(const std::string& body) {
  return test::with_head(
      "violins:\n  v1:\n    nodes: {h1..h4: {kind: host}, r1..r2: {kind: router}, s1: {kind: "
      "switch}, "
      "s2: {kind: switch}}\n" +
      body);
}

// "h1 10.0.0.1/24, 10.1.0.1/24 | r1 …" of every node with addresses.
std::string addresses_text(const Scenario& scenario) {
  std::string text;
  for (const NodeSpec& node : scenario.nodes) {
    std::string addresses;
    for (const InterfaceSpec& interface : node.interfaces) {
      for (const InterfaceAddress& address : interface.addresses) {
        addresses += " " + to_string(address);
      }
    }
    if (!addresses.empty()) text += (text.empty() ? "" : " | ") + node.name + addresses;
  }
  return text;
}

//   h1 -.
//   h2 - s1 - s2 - r1 - r2 - h3
TEST(Addressing, GivesOneSubnetToEveryBroadcastDomain) {
  EXPECT_EQ(addresses_text(read(violin_of("    links:\n      - {endpoints: [h1..h2, s1]}\n"
                                          "      - {endpoints: [r1, r2]}\n"
                                          "      - {endpoints: [s1, s2]}\n"
                                          "      - {endpoints: [s2, r1]}\n"
                                          "      - {endpoints: [r2, h3]}\n"))),
            "h1 10.0.0.1/24 | h2 10.0.0.2/24 | h3 10.0.1.6/30 | r1 10.0.1.1/30 10.0.0.3/24 | "
            "r2 10.0.1.2/30 10.0.1.5/30");
}

TEST(Addressing, UsesThePrefixThatTheFileGives) {
  EXPECT_EQ(addresses_text(read(violin_of(
                "    links:\n      - {endpoints: [h1, s1]}\n"
                "      - {endpoints: [{node: h2, address: [172.16.0.1/24, fd00::1/64]}, s1]}\n"
                "      - {endpoints: [h3, h4]}\n"))),
            "h1 172.16.0.2/24 fd00::2/64 | h2 172.16.0.1/24 fd00::1/64 | h3 10.0.0.1/30 | "
            "h4 10.0.0.2/30");
}

TEST(Addressing, LeavesGivenPrefixesOutOfThePool) {
  EXPECT_EQ(addresses_text(
                read(violin_of("    links:\n      - {endpoints: [h1, h2]}\n"
                               "      - {endpoints: [{node: h3, address: 10.0.0.2/24}, h4]}\n"))),
            "h1 10.0.1.1/30 | h2 10.0.1.2/30 | h3 10.0.0.2/24 | h4 10.0.0.1/24");
}

TEST(Addressing, CutsFromPoolsOfBothFamilies) {
  EXPECT_EQ(
      addresses_text(read(violin_of("    links: [{endpoints: [h1, h2]}, {endpoints: [h3, h4]}]\n"
                                    "    addressing: {pool: [172.16.0.0/16, 'fd00::/48']}\n"))),
      "h1 172.16.0.1/30 fd00::1/64 | h2 172.16.0.2/30 fd00::2/64 | "
      "h3 172.16.0.5/30 fd00:0:0:1::1/64 | h4 172.16.0.6/30 fd00:0:0:1::2/64");
}

TEST(Addressing, GivesALanOfMoreThan254ASubnetThatFits) {
  const Scenario scenario =
      read(test::with_head("violins: {v1: {topology: {kind: star, hosts: 255}}}\n"));
  EXPECT_EQ(to_string(scenario.nodes.back().interfaces[0].addresses[0]), "10.0.0.255/23");
}

TEST(Addressing, TakesTheLargerDefaultOnlyWhenItMust) {
  const Scenario scenario =
      read(test::with_head("violins: {v1: {topology: {kind: line, routers: 300, hosts: 2}}}\n"));
  EXPECT_TRUE(test::contains(scenario.defaults_used[0], "v1: addresses from 10.0.0.0/8"))
      << scenario.defaults_used[0];
  const Scenario underlay =
      read(test::with_head("underlay: {topology: {kind: line, routers: 2}}\n"));
  EXPECT_EQ(to_string(underlay.nodes[0].interfaces[0].addresses[0]), "192.168.0.1/30");
}

TEST(Addressing, NamesADefaultPoolOnlyWhereSomethingWasTakenFromIt) {
  const Scenario given =
      read(violin_of("    links: [{endpoints: [{node: h1, address: 10.9.0.1/24}, h2]}, {endpoints: "
                     "[{node: h3, address: 10.8.0.1/24}, h4]}]\n"));
  for (const std::string& used : given.defaults_used) {
    EXPECT_FALSE(test::contains(used, "addresses from")) << used;
  }
}

TEST(Addressing, LetsViolinsOverlap) {
  const Scenario scenario =
      read(test::with_head("violins: {v1: {topology: {kind: star, hosts: 2}}, v2: {topology: "
                           "{kind: star, hosts: 2}}}\n"));
  EXPECT_EQ(scenario.nodes[1].interfaces[0].addresses, scenario.nodes[4].interfaces[0].addresses);
}

TEST(Addressing, RefusesAPoolThatIsTooSmall) {
  EXPECT_EQ(
      error_of(violin_of("    links: [{endpoints: [h1, h2]}, {endpoints: [h3, h4]}]\n"
                         "    addressing: {pool: 10.0.0.0/30}\n")),
      "test.yaml:9:17: the address pool is too small: 10.0.0.0/30; allowed: a pool with a /30 "
      "per link and a /24 or more per LAN");
  EXPECT_CONTAINS(error_of(violin_of("    addressing: {pool: 10.0.0.1/30}\n")), "not a pool");
  EXPECT_CONTAINS(error_of(violin_of("    addressing: {pool: [10.0.0.0/30, 10.1.0.0/16]}\n")),
                  "a second pool");
}

TEST(Addressing, RefusesAPrefixThatIsTooSmall) {
  EXPECT_CONTAINS(
      error_of(violin_of("    links:\n      - {endpoints: [{node: h1, address: 10.0.0.1/30}, s1]}\n"
                         "      - {endpoints: [h2..h3, s1]}\n")),
      "test.yaml:9:9: the prefix 10.0.0.0/30 is too small for the 3 interfaces");
}

TEST(Addressing, RefusesAddressesThatNoInterfaceCanHave) {
  const auto given = [](const std::string& address) {
    return error_of(
        violin_of("    links: [{endpoints: [{node: h1, address: '" + address + "'}, h2]}]\n"));
  };
  EXPECT_CONTAINS(given("10.0.0.0/24"), "not the address of an interface: 10.0.0.0/24");
  EXPECT_CONTAINS(given("10.0.0.255/24"), "not the address of an interface");
  EXPECT_CONTAINS(given("224.0.0.1/24"), "not the address of an interface");
  EXPECT_CONTAINS(given("10.0.0.1"), "not an address: 10.0.0.1");
  EXPECT_EQ(given("10.0.0.0/31"), "no error");
}

TEST(Addressing, RefusesAnAddressThatStandsTwiceAndOverlappingSubnets) {
  const auto two = [](const std::string& a, const std::string& b) {
    return error_of(violin_of("    links:\n      - {endpoints: [{node: h1, address: " + a +
                              "}, h2]}\n      - {endpoints: [{node: h3, address: " + b +
                              "}, h4]}\n"));
  };
  EXPECT_CONTAINS(two("10.5.0.1/24", "10.5.0.1/24"), "test.yaml:10:9: the address is given twice");
  EXPECT_CONTAINS(two("10.5.0.1/24", "10.5.0.9/28"), "overlaps that of 10.5.0.1/24");
  EXPECT_EQ(two("10.5.0.1/24", "10.5.1.1/24"), "no error");
}

TEST(AddressPool, CutsAlignedSubnetsAroundReservedOnes) {
  AddressPool pool(*IpPrefix::parse("10.0.0.0/22"),
                   {*IpPrefix::parse("10.0.1.0/25"), *IpPrefix::parse("10.0.1.16/28")});
  EXPECT_EQ(to_string(*pool.cut(30)), "10.0.0.0/30");
  EXPECT_EQ(to_string(*pool.cut(24)), "10.0.2.0/24") << "aligned, and after the reserved ones";
  EXPECT_EQ(to_string(*pool.cut(24)), "10.0.3.0/24");
  EXPECT_FALSE(pool.cut(30));
}

TEST(AddressPool, EndsWithTheLastAddressOfTheFamily) {
  AddressPool pool(*IpPrefix::parse("255.255.255.248/29"), {});
  EXPECT_TRUE(pool.cut(30));
  EXPECT_TRUE(pool.cut(30));
  EXPECT_FALSE(pool.cut(30));
  AddressPool v6(*IpPrefix::parse("ffff:ffff:ffff:ffff::/64"), {});
  EXPECT_TRUE(v6.cut(64));
  EXPECT_FALSE(v6.cut(64));
}

}  // namespace
}  // namespace violin
