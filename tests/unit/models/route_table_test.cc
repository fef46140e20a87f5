#include "models/node/route_table.hh"

#include <gtest/gtest.h>

#include "core/random.hh"

namespace violin {
namespace {

Route route(const char* prefix, int nic, const char* via = nullptr) {
  return {IpPrefix::parse(prefix).value(), nic,
          via == nullptr ? std::nullopt : IpAddress::parse(via)};
}
IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

TEST(RouteTable, PrefersTheLongestPrefix) {
  RouteTable table;
  table.add({route("0.0.0.0/0", 0, "10.0.0.1"), route("10.1.0.0/16", 1),
             route("10.1.2.0/24", 2, "10.1.0.9"), route("10.1.2.3/32", 3)});
  EXPECT_EQ(table.find(address("10.1.2.3"))->nic, 3);
  EXPECT_EQ(table.find(address("10.1.2.4"))->nic, 2);
  EXPECT_EQ(table.find(address("10.1.2.4"))->gateway, address("10.1.0.9"));
  EXPECT_EQ(table.find(address("10.1.3.4"))->nic, 1);
  EXPECT_TRUE(table.find(address("10.1.3.4"))->gateway.is_unspecified());
  EXPECT_EQ(table.find(address("192.0.2.1"))->nic, 0);
}

TEST(RouteTable, FindsNothingWithoutADefaultRoute) {
  RouteTable table;
  EXPECT_FALSE(table.find(address("10.0.0.1")));
  table.add({route("10.0.0.0/24", 0)});
  EXPECT_FALSE(table.find(address("10.0.1.1")));
}

TEST(RouteTable, KeepsTheRouteThatWasGivenFirst) {
  RouteTable table;
  table.add({route("10.0.0.0/24", 0)});
  table.add({route("10.0.0.0/24", 1), route("10.0.1.0/24", 2)});
  EXPECT_EQ(table.find(address("10.0.0.7"))->nic, 0);
  EXPECT_EQ(table.size(), 2u);
}

TEST(RouteTable, KeepsTheFamiliesApart) {
  RouteTable table;
  table.add({route("::/0", 1, "fd00::1"), route("fd00:1::/32", 2), route("fd00:1:2::/48", 3)});
  EXPECT_FALSE(table.find(address("10.0.0.1")));
  EXPECT_EQ(table.find(address("fd00:1:2::9"))->nic, 3);
  EXPECT_EQ(table.find(address("fd00:1:3::9"))->nic, 2);
  EXPECT_EQ(table.find(address("2001:db8::1"))->gateway, address("fd00::1"));
}

TEST(RouteTable, AgreesWithTryingEveryPrefix) {
  Random random(11);
  for (int round = 0; round < 20; ++round) {
    std::vector<Route> routes;
    for (int i = 0; i < 150; ++i) {
      // A narrow range of addresses, so that prefixes nest.
      const IpAddress base = IpAddress::v4(0x0a00'0000 | (random.next32() & 0x3ff));
      routes.push_back({IpPrefix(base, static_cast<int>(20 + random.below(13))), i, std::nullopt});
    }
    RouteTable table;
    table.add(routes);
    for (int probe = 0; probe < 500; ++probe) {
      const IpAddress to = IpAddress::v4(0x0a00'0000 | (random.next32() & 0x7ff));
      const Route* best = nullptr;
      for (const Route& candidate : routes) {
        const bool better = best == nullptr || candidate.prefix.length() > best->prefix.length();
        if (candidate.prefix.contains(to) && better) best = &candidate;
      }
      const auto found = table.find(to);
      ASSERT_EQ(found.has_value(), best != nullptr) << to_string(to);
      if (best == nullptr) continue;
      ASSERT_EQ(found->nic, best->interface) << to_string(to);
    }
  }
}

}  // namespace
}  // namespace violin
