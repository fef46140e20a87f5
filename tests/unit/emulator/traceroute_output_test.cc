#include "emulator/program/traceroute_output.hh"

#include <gtest/gtest.h>

#include <string>

#include "emulator/program/program_failure.hh"

namespace violin {
namespace {

using namespace literals;

const IpAddress kTarget = *IpAddress::parse("10.0.1.3");

std::string node_of(const IpAddress& address) {
  return to_string(address) == "10.0.0.2" ? "v1/r1" : "";
}

TracerouteResult read(const std::string& text) {
  return read_traceroute_output(text, kTarget, node_of);
}

// Recorded from traceroute 2.1.2.
const std::string kReached =
    "traceroute to 10.0.1.3 (10.0.1.3), 30 hops max, 60 byte packets\n"
    " 1  10.0.0.2  0.217 ms  0.012 ms  0.007 ms\n"
    " 2  10.0.1.3  0.020 ms  0.010 ms  0.009 ms\n";

TEST(TracerouteOutput, HasEveryHopWithItsRoundTrips) {
  const TracerouteResult result = read(kReached);
  EXPECT_TRUE(result.reached);
  ASSERT_EQ(result.hops.size(), 2u);
  EXPECT_EQ(result.hops[0].ttl, 1);
  EXPECT_EQ(result.hops[0].address, "10.0.0.2");
  EXPECT_EQ(result.hops[0].node, "v1/r1");
  ASSERT_EQ(result.hops[0].rtts.size(), 3u);
  EXPECT_EQ(result.hops[0].rtts[0], 217_us);
  EXPECT_EQ(result.hops[1].address, "10.0.1.3");
  EXPECT_EQ(result.hops[1].node, "");
}

TEST(TracerouteOutput, SilentProbesHaveNoTimeAndErrorsOnTheWayDoNotReach) {
  const TracerouteResult result = read(
      "traceroute to 10.0.1.99 (10.0.1.99), 5 hops max, 60 byte packets\n"
      " 1  * * *\n"
      " 2  * 10.0.0.2  62.104 ms !H *\n");
  EXPECT_FALSE(result.reached);
  ASSERT_EQ(result.hops.size(), 2u);
  EXPECT_EQ(result.hops[0].address, "");
  EXPECT_EQ(result.hops[0].rtts.size(), 3u);
  ASSERT_EQ(result.hops[1].rtts.size(), 3u);
  EXPECT_EQ(result.hops[1].rtts[0], std::nullopt);
  EXPECT_EQ(result.hops[1].rtts[1], 62'104_us);
  EXPECT_EQ(result.hops[1].address, "10.0.0.2");
}

TEST(TracerouteOutput, SeveralAddressesAtOneHopAreOneHop) {
  const TracerouteResult result = read(
      "traceroute to 10.0.1.3 (10.0.1.3), 30 hops max, 60 byte packets\n"
      " 1  10.0.0.2  0.5 ms 10.0.0.9  0.6 ms  0.7 ms\n");
  ASSERT_EQ(result.hops.size(), 1u);
  EXPECT_EQ(result.hops[0].address, "10.0.0.2");
  EXPECT_EQ(result.hops[0].rtts.size(), 3u);
}

TEST(TracerouteOutput, AnInterruptedProgramCountsWhatItPrinted) {
  for (size_t length = 0; length < kReached.size(); ++length) {
    if (length < std::string("traceroute to ").size()) {
      EXPECT_THROW(read(kReached.substr(0, length)), ProgramFailure);
      continue;
    }
    const TracerouteResult part = read(kReached.substr(0, length));
    EXPECT_LE(part.hops.size(), 2u);
    for (const TracerouteHop& hop : part.hops) {
      EXPECT_TRUE(hop.address.empty() || hop.address == "10.0.0.2" || hop.address == "10.0.1.3");
      for (const auto& rtt : hop.rtts) EXPECT_GE(*rtt, 7_us);
    }
  }
  EXPECT_EQ(read(kReached.substr(0, kReached.find("0.012"))).hops.front().rtts.size(), 1u);
}

TEST(TracerouteOutput, AProgramThatSentNothingIsAFailureInItsOwnWords) {
  try {
    read("connect: Network is unreachable\n");
    FAIL() << "nothing was thrown";
  } catch (const ProgramFailure& failure) {
    EXPECT_STREQ(failure.what(),
                 "traceroute sent nothing; it said: connect: Network is unreachable");
  }
}

}  // namespace
}  // namespace violin
