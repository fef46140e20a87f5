#include "models/workload/traceroute.hh"

#include <gtest/gtest.h>

#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::ip;
using testing::NodeNetwork;

//     h1 ── r1 ── r2 ── h2         1 ms per cable
//       10.0.1/24 10.0.0/24 10.0.2/24
class TracerouteTest : public ::testing::Test {
 protected:
  TracerouteTest() {
    network.join(network.nic(h1, "10.0.1.1/24"), network.nic(r1, "10.0.1.254/24"));
    network.join(network.nic(r1, "10.0.0.1/24"), network.nic(r2, "10.0.0.2/24"));
    network.join(network.nic(r2, "10.0.2.254/24"), network.nic(h2, "10.0.2.1/24"));
    network.route(h1, "0.0.0.0/0", "10.0.1.254");
    network.route(h2, "0.0.0.0/0", "10.0.2.254");
    network.route(r1, "10.0.2.0/24", "10.0.0.2", 1);
    network.route(r2, "10.0.1.0/24", "10.0.0.1", 0);
  }
  NodeNetwork network;
  Host& h1 = network.host("h1");
  Host& h2 = network.host("h2");
  Router& r1 = network.router("r1");
  Router& r2 = network.router("r2");
};

TEST_F(TracerouteTest, NamesEveryRouterAndThenTheTarget) {
  Traceroute trace(h1, {.name = "trace", .target = ip("10.0.2.1")});
  trace.start(network.now());
  network.run_for(10_s);
  ASSERT_TRUE(trace.finished());
  EXPECT_TRUE(trace.reached());
  ASSERT_EQ(trace.hops().size(), 3u);
  const char* expected[] = {"10.0.1.254", "10.0.0.2", "10.0.2.1"};
  for (size_t hop = 0; hop < 3; ++hop) {
    for (const TracerouteProbe& probe : trace.hops()[hop]) EXPECT_EQ(probe.from, ip(expected[hop]));
    // The first may have waited for ARP.
    EXPECT_EQ(trace.hops()[hop][2].rtt, 2_ms * static_cast<int64_t>(hop + 1));
  }
  EXPECT_TRUE(network.balanced());
}

TEST_F(TracerouteTest, WaitsThreeSecondsForEachProbeOfASilentHop) {
  h2.take_down(network.now());
  Traceroute trace(h1, {.name = "trace", .target = ip("10.0.2.1"), .hops_max = 4});
  trace.start(network.now());
  network.run_for(5_s);
  EXPECT_EQ(trace.hops().size(), 3u);
  network.run_for(15_s);
  ASSERT_TRUE(trace.finished());
  EXPECT_FALSE(trace.reached());
}

TEST_F(TracerouteTest, EndsWhereARouterHasNoWay) {
  Traceroute trace(h1, {.name = "trace", .target = ip("192.0.2.1")});
  trace.start(network.now());
  network.run_for(10_s);
  ASSERT_TRUE(trace.finished());
  EXPECT_FALSE(trace.reached());
  ASSERT_EQ(trace.hops().size(), 2u);  // the TTL runs out at r1 before it looks for a way
  EXPECT_EQ(trace.hops()[1][0].from, ip("10.0.1.254"));
}

TEST_F(TracerouteTest, StopsAtTheLargestTtl) {
  Traceroute trace(h1, {.name = "trace", .target = ip("10.0.2.1"), .hops_max = 2});
  trace.start(network.now());
  network.run_for(10_s);
  EXPECT_TRUE(trace.finished());
  EXPECT_FALSE(trace.reached());
  EXPECT_EQ(trace.hops().size(), 2u);
}

}  // namespace
}  // namespace violin
