#include "emulator/results/clock_comparison.hh"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "tests/support/example_result.hh"

namespace violin {
namespace {

using namespace literals;

// A run whose `vm` has this goodput and whose pings all take `rtt`.
ComparedRun run_of(const std::string& clock, uint64_t seed, double megabits, Duration rtt = 40_ms) {
  RunResult result = example_result(seed, 100 - megabits);
  result.identity.clock = clock;
  for (PingProbe& probe : std::get<PingResult>(result.workloads[0].outcome).probes) {
    if (probe.rtt) probe.rtt = rtt;
  }
  return {clock, {"001", std::move(result)}};
}

const ClockRow& row_of(const ClockComparison& comparison, const std::string& metric) {
  for (const ClockRow& row : comparison.rows) {
    if (row.metric.name == metric) return row;
  }
  throw std::out_of_range(metric);
}

TEST(ClockComparison, IsAskedForWhenBothClocksOccur) {
  EXPECT_TRUE(differ_in_clock({run_of("virtual", 1, 90), run_of("real", 1, 90)}));
  EXPECT_FALSE(differ_in_clock({run_of("virtual", 1, 90), run_of("virtual", 2, 90)}));
  EXPECT_FALSE(differ_in_clock({run_of("real", 1, 90)}));
  EXPECT_FALSE(differ_in_clock({}));
}

TEST(ClockComparison, OneRunOfEachIsJudgedByItsValueAndHasNoInterval) {
  const ClockComparison comparison = compare_clocks(
      {run_of("virtual", 1, 80), run_of("real", 1, 77, 41_ms)}, {"vm.goodput", "rtt.rtt.mean"});
  const ClockRow& goodput = row_of(comparison, "vm.goodput");
  EXPECT_DOUBLE_EQ(goodput.difference->mean, -3.75);
  EXPECT_EQ(goodput.difference->ci95, std::nullopt);
  EXPECT_EQ(goodput.verdict, ClockVerdict::kWithin);
  const ClockRow& rtt = row_of(comparison, "rtt.rtt.mean");
  EXPECT_DOUBLE_EQ(rtt.difference->mean, 2.5);
  EXPECT_EQ(rtt.verdict, ClockVerdict::kBeyond);
  EXPECT_EQ(clock_comparison_table(comparison),
            "metric        virtual ± 95 %  n  real ± 95 %  n  difference             verdict\n"
            "vm.goodput    80 Mbit/s       1  77 Mbit/s    1  -3.75 % (no interval)  within 5 %\n"
            "rtt.rtt.mean  40 ms           1  41 ms        1  +2.50 % (no interval)  beyond 2 %\n"
            "(n = 1 throughout: no intervals)\n")
      << clock_comparison_table(comparison);
}

TEST(ClockComparison, RunsOfTheSameSeedsArePairs) {
  // Between seeds they differ by 10 Mbit/s, in a pair by 1 Mbit/s: -1/80 and no spread at all.
  const ClockComparison comparison =
      compare_clocks({run_of("virtual", 1, 70), run_of("virtual", 2, 80), run_of("virtual", 3, 90),
                      run_of("real", 3, 89), run_of("real", 1, 69), run_of("real", 2, 79)},
                     {"vm.goodput"});
  ASSERT_EQ(comparison.rows.size(), 1u);
  EXPECT_NEAR(comparison.rows[0].difference->mean, -1.25, 1e-9);
  EXPECT_NEAR(*comparison.rows[0].difference->ci95, 0, 1e-9);
  EXPECT_EQ(comparison.rows[0].verdict, ClockVerdict::kWithin);
  EXPECT_EQ(comparison.rows[0].virtual_clock.samples, 3u);
}

TEST(ClockComparison, RunsOfOtherSeedsAreIndependentAndMayBeUndecided) {
  const ClockComparison comparison =
      compare_clocks({run_of("virtual", 1, 79), run_of("virtual", 2, 80), run_of("virtual", 3, 81),
                      run_of("real", 4, 77), run_of("real", 5, 79)},
                     {"vm.goodput"});
  const ClockRow& row = comparison.rows.at(0);
  EXPECT_NEAR(row.difference->mean, -2.5, 1e-9);
  // t(0.975, 2) = 4.302653 of 1 Mbit/s over sqrt(3), t(0.975, 1) = 12.7062 of sqrt(2) over sqrt(2).
  EXPECT_NEAR(*row.difference->ci95, 100 * std::hypot(2.484138, 12.7062) / 80, 1e-3);
  EXPECT_EQ(row.verdict, ClockVerdict::kUndecided);
  EXPECT_EQ(verdict_text(row), "undecided (5 %)");
}

TEST(ClockComparison, OnlyRoundTripsAndGoodputAreJudged) {
  const ClockComparison comparison =
      compare_clocks({run_of("virtual", 1, 80), run_of("real", 1, 80)}, {});
  EXPECT_EQ(row_of(comparison, "rtt.rtt.p99").verdict, ClockVerdict::kNone);
  EXPECT_EQ(row_of(comparison, "vm.retransmits").verdict, ClockVerdict::kNone);
  EXPECT_EQ(row_of(comparison, "rtt.rtt.mean").verdict, ClockVerdict::kWithin);
  EXPECT_EQ(row_of(comparison, "vm.goodput").verdict, ClockVerdict::kWithin);
}

TEST(ClockComparison, PointsOfASweepAreComparedOneByOne) {
  std::vector<ComparedRun> runs;
  for (const char* clock : {"virtual", "real"}) {
    for (const char* crypt : {"none", "aes"}) {
      ComparedRun run = run_of(clock, 1, crypt[0] == 'n' ? 90 : 60);
      run.run.result.identity.params["crypt"] = crypt;
      runs.push_back(std::move(run));
    }
  }
  const ClockComparison comparison = compare_clocks(runs, {"vm.goodput"});
  ASSERT_EQ(comparison.rows.size(), 2u);
  EXPECT_EQ(comparison.rows[0].point, "crypt=none");
  EXPECT_DOUBLE_EQ(comparison.rows[1].real_clock.mean, 60e6);
  EXPECT_DOUBLE_EQ(comparison.rows[1].difference->mean, 0);
}

TEST(ClockComparison, HasNoDifferenceInPercentOfNothing) {
  std::vector<ComparedRun> runs = {run_of("virtual", 1, 80), run_of("real", 1, 80)};
  for (ComparedRun& run : runs) {
    std::get<TcpResult>(run.run.result.workloads[2].outcome).retransmits =
        run.folder == "real" ? 3 : 0;
  }
  const ClockComparison comparison = compare_clocks(runs, {"vm.retransmits"});
  EXPECT_EQ(comparison.rows.at(0).difference, std::nullopt);
  EXPECT_NE(clock_comparison_table(comparison).find("  -"), std::string::npos);
}

TEST(ClockComparison, WritesTheSameAsCsvAndJson) {
  const ClockComparison comparison =
      compare_clocks({run_of("virtual", 1, 80), run_of("real", 1, 77)}, {"vm.goodput"});
  EXPECT_EQ(clock_comparison_csv(comparison),
            "point,metric,unit,virtual_samples,virtual_mean,virtual_stddev,virtual_ci95,"
            "real_samples,real_mean,real_stddev,real_ci95,difference_percent,"
            "difference_ci95_percent,limit_percent,verdict\n"
            ",vm.goodput,bit/s,1,80000000,0,,1,77000000,0,,-3.75,,5,within 5 %\n");
  const nlohmann::json json = nlohmann::json::parse(clock_comparison_json(comparison));
  EXPECT_EQ(json["scenario"], "example");
  EXPECT_EQ(json["rows"][0]["virtual"]["mean"], 80e6);
  EXPECT_EQ(json["rows"][0]["real"]["ci95"], nullptr);
  EXPECT_EQ(json["rows"][0]["verdict"], "within 5 %");
}

TEST(ClockComparison, RefusesRunsOfTwoScenarios) {
  std::vector<ComparedRun> runs = {run_of("virtual", 1, 80), run_of("real", 1, 80)};
  runs[1].run.result.identity.scenario = "another";
  EXPECT_THROW(compare_clocks(runs, {}), std::invalid_argument);
}

}  // namespace
}  // namespace violin
