#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "emulator/results/metrics.hh"
#include "tests/realtime/run_fixture.hh"
#include "tests/support/routed_ring.hh"

// FRR in network namespaces under the real clock.

namespace violin::testing {
namespace {

class RoutingRun : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists("/usr/lib/frr/zebra")) GTEST_SKIP() << "needs FRR";
  }
};

TEST_F(RoutingRun, TheSameScenarioFindsTheSameWaysOnNetworkNamespaces) {
  std::string text = test::routed_ring("ospf", "linux");
  const auto shorten = [&text](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  // OSPF puts off what comes closely upon each other by up to 5 s.
  shorten("duration: 60 s", "duration: 22 s");
  shorten("at: 20 s, count: 390", "at: 4 s, count: 70");
  shorten("at: 30 s", "at: 6 s");
  write("scenario.yaml", text);
  const Outcome ran = violin({"run", "--clock", "real", "--out", "out", "scenario.yaml"});
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const RunResult found = result();
  ASSERT_EQ(found.routers.size(), 4u);
  for (const RouterResult& router : found.routers) {
    EXPECT_EQ(router.deviations, std::vector<std::string>()) << router.node;
    EXPECT_FALSE(router.changes.empty()) << router.node;
  }
  EXPECT_TRUE(metric_value(found, "v/routing.reconvergence").value) << "the cut changed nothing";
  const Outcome routes = violin({"routes", "out", "r1"});
  EXPECT_EQ(routes.status, 0) << routes.error;
  EXPECT_NE(routes.output.find("ospf"), std::string::npos) << routes.output;
  EXPECT_EQ(routes.output.find("v/r2"), std::string::npos) << routes.output;
  EXPECT_TRUE(all_ended());
}

}  // namespace
}  // namespace violin::testing
