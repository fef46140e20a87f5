#include "core/addresses.hh"

#include <gtest/gtest.h>

#include <string>

namespace violin {
namespace {

std::string round_trip(const std::string& text) {
  const auto address = IpAddress::parse(text);
  return address ? to_string(*address) : "nothing";
}

TEST(Addresses, ReadsAndWritesDottedQuads) {
  EXPECT_EQ(IpAddress::parse("10.1.2.3"), IpAddress::v4(0x0a010203));
  EXPECT_EQ(round_trip("255.255.255.255"), "255.255.255.255");
  for (const char* text : {"10.1.2", "10.1.2.256", "10.1.2.3.4", "010.1.2.3", " 10.1.2.3", ""}) {
    EXPECT_EQ(round_trip(text), "nothing") << text;
  }
}

// RFC 5952, sections 4.1 to 4.3 and 5.
TEST(Addresses, WritesIpv6InItsCanonicalForm) {
  EXPECT_EQ(round_trip("2001:0DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(round_trip("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(round_trip("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(round_trip("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(round_trip("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(round_trip("fd00::"), "fd00::");
  EXPECT_EQ(round_trip("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
  EXPECT_EQ(round_trip("fd00:::1"), "nothing");
}

TEST(Addresses, KeepsTheFamiliesApart) {
  EXPECT_NE(IpAddress::v4(1), IpAddress::v6(0, 1));
  EXPECT_FALSE(IpPrefix::parse("::/0")->contains(IpAddress::v4(1)));
}

TEST(Addresses, ReadsPrefixesOnlyWithoutHostBits) {
  EXPECT_EQ(to_string(*IpPrefix::parse("10.0.0.0/8")), "10.0.0.0/8");
  EXPECT_EQ(to_string(*IpPrefix::parse("fd00::/64")), "fd00::/64");
  for (const char* text : {"10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08",
                           "10.0.0.0/-1", "10.0.0.0/8x", "fd00::/129"}) {
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
  }
}

TEST(Addresses, ReadsInterfaceAddressesWithTheirPrefix) {
  const auto address = InterfaceAddress::parse("10.0.0.1/24");
  ASSERT_TRUE(address);
  EXPECT_EQ(to_string(address->prefix()), "10.0.0.0/24");
  EXPECT_EQ(to_string(*address), "10.0.0.1/24");
  EXPECT_FALSE(InterfaceAddress::parse("10.0.0.1"));
}

TEST(Addresses, WritesMacAddressesInTransmissionOrder) {
  EXPECT_EQ(to_string(MacAddress::from_bits(0x021122334455)), "02:11:22:33:44:55");
}

}  // namespace
}  // namespace violin
