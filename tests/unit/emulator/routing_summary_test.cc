#include "emulator/results/routing_summary.hh"

#include <gtest/gtest.h>

#include "emulator/results/metric_catalogue.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/report.hh"

namespace violin {
namespace {

Time at(int64_t ms) { return Time::from_ns(ms * 1'000'000); }

// Two routers of v that start 5 s before time 0, one of w; a cable of v is cut at 20 s.
RunResult routed() {
  RunResult result;
  RouterResult r1{"v/r1", "ospf", at(-5000), {}, {}, {}};
  r1.changes = {{at(-4000), "10.0.3.0/24", false}, {at(1000), "10.0.4.0/24", false}};
  RouterResult r2{"v/r2", "ospf", at(-4900), {}, {}, {"no route to 10.0.9.0/24"}};
  r2.changes = {{at(20'000), "10.0.3.0/24", true}, {at(20'700), "10.0.3.0/24", false}};
  r1.table = {{"10.0.4.0/24", "ospf", {{"10.0.1.2", "eth1"}}}};
  result.routers = {r1, r2, {"w/r1", "rip", at(0), {}, {}, {}}};
  result.event_log = {{at(0), "workload_start", "rtt"},
                      {at(20'000), "down", "down v/a"},
                      {at(30'000), "up", "up v/a"}};
  return result;
}

TEST(RoutingSummary, TablesSettleAfterTheStartAndAfterEveryEvent) {
  const RoutingSummary summary = summarise_routing(routed(), "v");
  ASSERT_EQ(summary.phases.size(), 3u);
  EXPECT_EQ(summary.phases[0].until, Duration::seconds(6));
  EXPECT_EQ(summary.phases[0].changes, 2u);
  EXPECT_EQ(summary.phases[1].cause, "down v/a");
  EXPECT_EQ(summary.phases[1].until, Duration::milliseconds(700));
  EXPECT_EQ(summary.phases[2].until, std::nullopt);
  EXPECT_EQ(summary.deviations, 1u);
}

TEST(RoutingSummary, ItsFiguresAreMetricsOfThePlane) {
  const RunResult result = routed();
  EXPECT_EQ(routed_planes(result), (std::vector<std::string>{"v", "w"}));
  EXPECT_EQ(metric_value(result, "v/routing.convergence").value, 6e9);
  EXPECT_EQ(metric_value(result, "v/routing.reconvergence").value, 0.7e9);
  EXPECT_EQ(metric_value(result, "v/routing.changes").value, 4);
  EXPECT_EQ(metric_value(result, "v/routing.deviations").value, 1);
  EXPECT_EQ(metric_value(result, "w/routing.convergence").value, std::nullopt);
  EXPECT_NE(metric_value(result, "w/routing.convergence").reason, "");
  EXPECT_TRUE(MetricCatalogue(result).find("w/routing.reconvergence"));
  EXPECT_FALSE(MetricCatalogue(result).find("x/routing.reconvergence"));
}

TEST(RoutingSummary, TheReportSaysWhatIsWrongAndWhenTablesSettled) {
  const std::string report = report_text(routed(), {});
  EXPECT_NE(report.find("v/r2: no route to 10.0.9.0/24"), std::string::npos);
  EXPECT_NE(report.find("700 ms later"), std::string::npos);
  EXPECT_NE(report.find("10.0.1.2 at eth1"), std::string::npos);
}

}  // namespace
}  // namespace violin
