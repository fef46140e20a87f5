#include "emulator/results/expression.hh"

#include <gtest/gtest.h>

#include "emulator/results/expectation.hh"
#include "tests/support/example_result.hh"

namespace violin {
namespace {

RunResult three_pings() {
  RunResult result = example_result();
  for (int i = 1; i <= 12; ++i) {
    TcpResult tcp;
    tcp.window = {Time::zero(), Time::from_ns(1'000'000'000)};
    tcp.goodput_bps = i * 1e6;
    result.workloads.push_back({"f." + std::to_string(i), "v1/h1", "v1/h3", "model", {}, tcp, {}});
  }
  TcpResult idle;
  idle.window = {Time::zero(), Time::zero()};
  result.workloads.push_back({"idle", "v1/h1", "v1/h3", "model", {}, idle, {}});
  return result;
}

MetricLookup lookup_in(const RunResult& result) {
  return [&result](const std::string& name, const ParamSelector*) {
    return metric_value(result, name);
  };
}

ExpectationOutcome judge(const std::string& check) {
  const RunResult result = three_pings();
  return judge_expectation({check, "", {}}, MetricCatalogue(result), lookup_in(result),
                           result.window);
}

// The error of an expectation: "column: message", or "" when there is none.
std::string error_of(const std::string& check, const SweepValues& sweep = {}) {
  try {
    ExpectationExpression::parse(check).resolve(MetricCatalogue(three_pings()), sweep);
  } catch (const ExpressionError& error) {
    return error.what();
  }
  return "";
}

struct Judgement {
  const char* check;
  bool met;
  // Names the test case.
  friend void PrintTo(const Judgement& judgement, std::ostream* out) { *out << judgement.check; }
};

class Expectation : public testing::TestWithParam<Judgement> {};

TEST_P(Expectation, IsJudgedAsItReads) {
  EXPECT_EQ(judge(GetParam().check).met, GetParam().met) << GetParam().check;
}

INSTANTIATE_TEST_SUITE_P(Table, Expectation,
                         testing::ValuesIn(std::vector<Judgement>{
                             {"vm.goodput >= 70 Mbit/s", true},
                             {"vm.goodput >= 90 Mbit/s", true},
                             {"vm.goodput > 90 Mbit/s", false},
                             {"vm.goodput>=91 Mbit/s", false},
                             {"vm.goodput <= 90Mbit/s", true},
                             {"vm.goodput < 90 Mbit/s", false},
                             {"vm.goodput == 90000 kbit/s", true},
                             {"vm.goodput != 90 Mbit/s", false},
                             {"vm.goodput within 10 % of host.goodput", true},
                             {"vm.goodput within 9.9 % of host.goodput", false},
                             {"host.goodput - vm.goodput == 10 Mbit/s", true},
                             {"host.goodput - vm.goodput - 10 Mbit/s == 0 bit/s", true},
                             {"vm.goodput / host.goodput == 90 %", true},
                             {"2 * 3 + 4 == 10", true},
                             {"2 + 3 * 4 == 14", true},
                             {"(2 + 3) * 4 == 20", true},
                             {"10 - 4 - 3 == 3", true},
                             {"-2 - -3 == 1", true},
                             {"12 / 3 / 2 == 2", true},
                             {"vm.goodput * 1 s == 11.25 MB", true},
                             {"1 KiB == 1024 B", true},
                             {"2 min == 120 s", true},
                             {"rtt.loss <= 5 %", true},
                             {"rtt.loss <= 0.01", false},
                             {"rtt.received == 580", true},
                             {"rtt.longest_gap <= 2 s", false},
                             {"rtt.rtt.min >= 38 ms", true},
                             {"sum(f.1..f.4.goodput) == 10 Mbit/s", true},
                             {"max(f.*.goodput) == 12 Mbit/s", true},
                             {"min(f.*.goodput, 0.5 Mbit/s) == 500 kbit/s", true},
                             {"mean(f.1..f.3.goodput) == 2 Mbit/s", true},
                             {"count(f.*.goodput) == 12", true},
                             {"count(f.1.goodput, idle.goodput) == 1", true},
                             {"jain(host.goodput, host.goodput) == 1", true},
                             {"jain(f.1..f.2.goodput) within 0.1 % of 0.9", true},
                             {"idle.goodput >= 0 bit/s", false},
                             {"idle.goodput < 1 Gbit/s", false},
                             {"sum(idle.goodput, f.1.goodput) >= 0 bit/s", false},
                             {"vm.goodput / 0 >= 1 bit/s", false},
                             {"degradation <= 10 %", true},
                             {"degradation <= 9 %", false},
                             {"v1/last.r1->h3.drops == 332", true},
                             {"v1/last.drops.queue_full == 312", true},
                             {"v1/last.r1->h3.utilisation <= 93 %", true},
                             {"v1/last.r1->h3.sojourn.p99 == 11 ms", true},
                             {"v1/r1.drops.ttl_exceeded == 3", true},
                             {"run.frame_hops == 1234567", true},
                             {"run.frame_hops / 60 s >= 20000 /s", true},
                         }));

TEST(Expression, SaysAtWhichColumnItIsWrong) {
  EXPECT_EQ(error_of("vm.goodput >="),
            "column 14: a metric or a quantity is expected here, but the "
            "expression ends");
  EXPECT_EQ(error_of("vm.goodput 70 Mbit/s").substr(0, 9), "column 12");
  EXPECT_EQ(error_of("vm.goodput >= 70 Mbit/s )").substr(0, 9), "column 25");
  EXPECT_EQ(error_of("vm.goodput = 70 Mbit/s"), "column 12: equality is written ==");
  EXPECT_EQ(error_of("vm.goodput >= 70 Mbps").substr(0, 55),
            "column 15: bps may mean bits (iperf) or bytes (tc) per ");
  EXPECT_EQ(error_of("vm.goodput >= 70 parsec").substr(0, 28), "column 15: not a unit: parse");
  EXPECT_EQ(error_of("70 Mbit/s <= vm.goodput <= 90 Mbit/s").substr(0, 25),
            "column 25: only one compa");
  EXPECT_EQ(error_of("vm.goodput within 5 of host.goodput").substr(0, 9), "column 19");
}

TEST(Expression, RefusesToCompareWhatHasNotTheSameDimension) {
  EXPECT_EQ(error_of("vm.goodput >= 70 ms"),
            "column 12: a rate (bit/s) cannot be compared with a time (ms, s)");
  EXPECT_EQ(error_of("vm.goodput >= 70"),
            "column 12: a rate (bit/s) cannot be compared with a plain number");
  EXPECT_EQ(error_of("vm.goodput + rtt.rtt.mean >= 1 s").substr(0, 9), "column 12");
  EXPECT_EQ(error_of("sum(f.*.*) >= 1").substr(0, 30), "column 5: the range mixes an a");
}

TEST(Expression, PointsOutWhatAMisspeltMetricIsMeantToBe) {
  EXPECT_EQ(error_of("vm.godput >= 70 Mbit/s"),
            "column 1: no such metric: vm.godput; did you mean \"vm.goodput\"?");
  EXPECT_EQ(error_of("hots.goodput >= 70 Mbit/s"),
            "column 1: no such metric: hots.goodput; did you mean \"host.goodput\"?");
  EXPECT_EQ(error_of("v1/lst.drops == 0"),
            "column 1: no such metric: v1/lst.drops; did you mean \"v1/last.drops\"?");
  EXPECT_NE(error_of("vm.goodput/host.goodput >= 1").find("needs a space in front of the /"),
            std::string::npos);
}

TEST(Expression, WantsAFunctionAroundARange) {
  EXPECT_EQ(error_of("f.*.goodput >= 1 bit/s").substr(0, 17), "column 1: a range");
  EXPECT_EQ(error_of("sum(f.3..f.1.goodput) >= 1 bit/s").substr(0, 29),
            "column 5: the range must rise");
  EXPECT_EQ(error_of("sum(f.1..f.99.goodput) >= 1 bit/s").substr(0, 33),
            "column 5: no such metric: f.13.go");
  EXPECT_EQ(error_of("median(f.*.goodput) >= 1 bit/s").substr(0, 32),
            "column 1: not a function: median");
}

TEST(Expression, ChecksSelectorsAgainstTheSweep) {
  const SweepValues sweep = {{"crypt", {"none", "aes-256-gcm"}}};
  EXPECT_EQ(error_of("vm.goodput{crypt=none} >= 1 bit/s", sweep), "");
  EXPECT_EQ(error_of("vm.goodput{crypt=nine} >= 1 bit/s", sweep),
            "column 1: no point of the sweep has crypt=nine; allowed: none, aes-256-gcm");
  EXPECT_EQ(error_of("vm.goodput{crpyt=none} >= 1 bit/s", sweep),
            "column 1: not a parameter of the sweep: crpyt; did you mean \"crypt\"?");
  EXPECT_EQ(error_of("vm.goodput{crypt} >= 1 bit/s", sweep).substr(0, 26),
            "column 11: not a selector:");
}

TEST(Expression, OrdersAPatternAsPeopleCount) {
  Expression expression = Expression::parse("sum(f.*.goodput)");
  expression.resolve(MetricCatalogue(three_pings()));
  const std::vector<std::string> names = expression.metrics();
  ASSERT_EQ(names.size(), 12u);
  EXPECT_EQ(names[1], "f.2.goodput");
  EXPECT_EQ(names[11], "f.12.goodput");
}

TEST(Expression, IsNotBroughtDownByNesting) {
  const std::string deep(5'000, '(');
  EXPECT_THROW(Expression::parse(deep), ExpressionError);
  EXPECT_THROW(Expression::parse(std::string(5'000, '-')), ExpressionError);
}

TEST(Expectation, TellsWhatWasWantedMeasuredAndMissed) {
  const ExpectationOutcome outcome = judge("vm.goodput >= 95 Mbit/s");
  EXPECT_EQ(outcome.wanted, ">= 95 Mbit/s");
  EXPECT_EQ(outcome.measured, "90 Mbit/s");
  EXPECT_EQ(outcome.margin, "-5 Mbit/s (-5.26 %)");
  EXPECT_EQ(outcome.metrics, std::vector<std::string>{"vm.goodput"});
  const ExpectationOutcome within = judge("vm.goodput within 5 % of host.goodput");
  EXPECT_EQ(within.wanted, "within 5 % of 100 Mbit/s (host.goodput)");
  EXPECT_EQ(within.margin, "-5 Mbit/s (-5 %)");
}

TEST(Expectation, SaysHowFarOffInWordsThatCanBePictured) {
  EXPECT_EQ(judge("vm.goodput <= 4 Mbit/s").margin, "-86 Mbit/s (22.5 times the bound)");
  EXPECT_EQ(judge("vm.goodput <= 45 Mbit/s").margin, "-45 Mbit/s (-100 %)");
  EXPECT_EQ(judge("vm.goodput == 4 Mbit/s").margin, "-86 Mbit/s (-2150 %)");
  EXPECT_EQ(judge("vm.goodput == 90 Mbit/s").margin, "0 bit/s");
  EXPECT_EQ(judge("rtt.received == 0").margin, "-580");
}

TEST(Expectation, ShowsEnoughDigitsForTwoValuesToDiffer) {
  const ExpectationOutcome outcome = judge("vm.goodput >= 90.0001 Mbit/s");
  EXPECT_FALSE(outcome.met);
  EXPECT_EQ(outcome.wanted, ">= 90.0001 Mbit/s");
}

TEST(Expectation, FailsWithTheReasonWhenNothingWasMeasured) {
  const ExpectationOutcome outcome = judge("idle.goodput < 1 Gbit/s");
  EXPECT_FALSE(outcome.met);
  EXPECT_EQ(outcome.measured, "");
  EXPECT_EQ(outcome.reason, "idle.goodput: the workload was not active within the measure window");
}

}  // namespace
}  // namespace violin
