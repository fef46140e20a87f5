#include "emulator/routing/ip_output.hh"

#include <gtest/gtest.h>

#include "emulator/program/program_failure.hh"

namespace violin {
namespace {

// 2004-12-13T00:00:00Z
constexpr int64_t kEpoch = 1'102'896'000'000'000'000;

TEST(IpOutput, ChangesAreThoseOfDaemonsAtTheirTimes) {
  const std::vector<RouteChange> changes = read_route_changes(
      "[2004-12-13T00:00:01.500000] 10.0.3.0/24 nhid 12 via 10.0.1.2 dev eth1 proto ospf metric 20 "
      "\n"
      "[2004-12-13T00:00:02.000001] 10.0.9.0/24 dev eth0 proto kernel scope link src 10.0.9.1 \n"
      "[2004-12-12T23:59:59.000000] Deleted 10.0.3.0/24 via 10.0.1.2 dev eth1 proto ospf \n"
      "[2004-12-13T00:01:00.000000] default via fe80::1 dev eth0 proto bgp metric 20 pref medium "
      "\n",
      kEpoch, 100);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].at, Time::from_ns(1'500'000'000));
  EXPECT_EQ(changes[0].prefix, "10.0.3.0/24");
  EXPECT_FALSE(changes[0].removed);
  EXPECT_EQ(changes[1].at, Time::from_ns(-1'000'000'000));
  EXPECT_EQ(changes[1].prefix, "10.0.3.0/24");
  EXPECT_TRUE(changes[1].removed);
  EXPECT_EQ(changes[2].prefix, "default");
}

TEST(IpOutput, WhatIsNoChangeIsPassedOverAndTheirNumberIsBounded) {
  const std::string line = "[2004-12-13T00:00:01.500000] 10.0.3.0/24 dev eth1 proto rip\n";
  EXPECT_EQ(read_route_changes(line + line + line, kEpoch, 2).size(), 2u);
  for (const char* text :
       {"", "\n\n", "[2004-13-45T00:00:01.500000] 10.0.3.0/24 dev eth1 proto rip",
        "[2004-12-13T00:00:01.5] proto rip", "[2004-12-13T00:00:01.500000] 10.0.3.0/24 proto",
        "[2004-12-13T00:00:01.500000]x 10.0.3.0/24 dev e proto rip", "10.0.3.0/24 proto rip"}) {
    EXPECT_TRUE(read_route_changes(text, kEpoch, 10).empty()) << text;
  }
}

TEST(IpOutput, ATableHasEveryHopOfARouteAndNoLinkLocalOnes) {
  const std::vector<TableRoute> table = read_route_table(
      R"([{"dst":"default","gateway":"10.0.0.1","dev":"eth0","flags":[]},)"
      R"({"dst":"10.0.3.0/24","protocol":"ospf","metric":20,"flags":[],)"
      R"("nexthops":[{"gateway":"10.0.1.2","dev":"eth1","weight":1,"flags":[]},)"
      R"({"gateway":"10.0.2.2","dev":"eth2","weight":1,"flags":[]}]},)"
      R"({"dst":"10.0.9.9","dev":"eth0","protocol":"bgp"},)"
      R"({"type":"blackhole","dst":"10.7.0.0/16","protocol":"static"}])"
      "\n"
      R"([{"dst":"fe80::/64","dev":"eth0","protocol":"kernel"},)"
      R"({"dst":"fd00:0:0:3::/64","gateway":"fe80::2","dev":"eth1","protocol":"ospf"}])"
      "\n");
  ASSERT_EQ(table.size(), 4u);
  EXPECT_EQ(table[0].prefix, "0.0.0.0/0");
  EXPECT_EQ(hops_text(table[1]), "10.0.1.2 at eth1, 10.0.2.2 at eth2");
  EXPECT_EQ(table[2].prefix, "10.0.9.9/32");
  EXPECT_EQ(table[3].prefix, "fd00:0:0:3::/64");
  EXPECT_EQ(table[3].hops[0].via, "fe80::2");
}

TEST(IpOutput, WhatIsNoTableIsAFailureInItsOwnWords) {
  try {
    read_route_table("Cannot open netlink socket: Too many open files\n");
    FAIL() << "it was taken";
  } catch (const ProgramFailure& failure) {
    EXPECT_NE(std::string(failure.what()).find("Too many open files"), std::string::npos);
  }
  EXPECT_TRUE(read_route_table("[ ]\n[ ]\n").empty());
  EXPECT_TRUE(read_route_table(R"([1, {"dst": 7}, {}])").empty());
}

}  // namespace
}  // namespace violin
