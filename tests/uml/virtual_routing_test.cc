#include "emulator/results/metrics.hh"
#include "tests/support/routed_ring.hh"
#include "tests/uml/virtual_kernels.hh"

// FRR in kernels under the virtual clock.

namespace violin::testing {
namespace {

class VirtualRouting : public VirtualKernels {
 protected:
  void SetUp() override {
    VirtualKernels::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists("/usr/lib/frr/zebra")) GTEST_SKIP() << "needs FRR";
  }
};

double figure(const RunResult& result, const std::string& name) {
  const MetricValue value = metric_value(result, "v/routing." + name);
  EXPECT_TRUE(value.value) << name << ": " << value.reason;
  return value.value.value_or(-1);
}

void expect_no_failure(const RunResult& result) {
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  for (const RouterResult& router : result.routers) {
    for (const std::string& deviation : router.deviations) {
      ADD_FAILURE() << router.node << ": " << deviation;
    }
  }
}

TEST_F(VirtualRouting, OspfFindsTheShortestPathsAndAWayAroundACutEveryTimeTheSame) {
  const RunResult result = run(test::routed_ring("ospf", "uml"));
  expect_no_failure(result);
  ASSERT_EQ(result.routers.size(), 4u);
  EXPECT_LT(figure(result, "convergence"), 15e9);
  EXPECT_LT(figure(result, "reconvergence"), 2e9) << "who sees its carrier go need not wait";
  EXPECT_GT(figure(result, "changes"), 8);
  const auto& ping = outcome_of<PingResult>(result, "rtt");
  EXPECT_GT(ping.received, 370);
  ASSERT_TRUE(ping.probes.front().rtt && ping.probes.back().rtt);
  EXPECT_LT(*ping.probes.front().rtt, Duration::milliseconds(5));
  EXPECT_GE(*ping.probes.back().rtt, Duration::milliseconds(8)) << "the long way";
  const RunResult again = run(test::routed_ring("ospf", "uml"));
  EXPECT_EQ(again.digest, result.digest);
  EXPECT_EQ(again.routers, result.routers);
}

TEST_F(VirtualRouting, EveryProtocolFindsAWayAroundTheCut) {
  for (const char* protocol : {"rip", "bgp", "isis"}) {
    SCOPED_TRACE(protocol);
    std::string text = test::routed_ring(protocol, "uml");
    // RIP hears of another way when that is told again, every 30 s (RFC 2453 section 3.8).
    text.replace(text.find("duration: 60 s"), 14, "duration: 2 min");
    const RunResult result = run(text);
    expect_no_failure(result);
    EXPECT_TRUE(outcome_of<PingResult>(result, "rtt").probes.back().rtt);
    EXPECT_GT(figure(result, "changes"), 8);
  }
}

TEST_F(VirtualRouting, IPv6IsRoutedToo) {
  for (const char* protocol : {"ospf", "rip", "bgp", "isis"}) {
    SCOPED_TRACE(protocol);
    std::string text = test::routed_ring(protocol, "uml");
    text.replace(text.find("duration: 60 s"), 14, "duration: 2 min");
    text.insert(text.find("    nodes:"), "    addressing: { pool: \"fd00:7::/48\" }\n");
    const RunResult result = run(text);
    expect_no_failure(result);
    EXPECT_TRUE(outcome_of<PingResult>(result, "rtt").probes.back().rtt);
  }
}

TEST_F(VirtualRouting, ADaemonThatEndsIsAFailureInItsOwnWords) {
  std::string text = test::routed_ring("ospf", "uml");
  text.insert(text.find("events:"),
              "  - { name: kill, exec: { node: v/r2, at: 10 s, user: root, "
              "command: [sh, -c, \"kill $$(cat /run/frr/ospfd.pid)\"] } }\n");
  const RunResult killed = run(text);
  ASSERT_EQ(killed.failures.size(), 1u);
  EXPECT_NE(killed.failures[0].find("routing of v/r2: ospfd has ended"), std::string::npos)
      << killed.failures[0];
}

}  // namespace
}  // namespace violin::testing
