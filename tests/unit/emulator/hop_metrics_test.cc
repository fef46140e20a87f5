#include "emulator/results/hop_metrics.hh"

#include <gtest/gtest.h>

#include <algorithm>

#include "emulator/results/expectation.hh"

namespace violin {
namespace {

using namespace literals;

// near/vm -- near/r1 -- (somebody who did not answer) -- near/far, three probes each.
RunResult traced(bool reached = true) {
  TracerouteResult trace;
  trace.reached = reached;
  trace.hops = {{1, "10.0.0.1", "near/r1", {1_ms, 3_ms, std::nullopt}},
                {2, "", "", {std::nullopt, std::nullopt, std::nullopt}},
                {3, "10.0.9.9", "", {9_ms}}};
  RunResult result;
  result.workloads.push_back({"t.v6", "near/vm", "near/far", "model", {}, trace, {}});
  return result;
}

Scenario tracing() {
  Scenario scenario;
  scenario.measure_to = Time::zero() + 60_s;
  scenario.workloads.push_back(
      {.name = "t.v6", .from = 0, .to = 1, .kind = TracerouteWorkload{.max_hops = 12}});
  for (const char* name : {"vm", "r1", "far"}) {
    NodeSpec node;
    node.plane = "near";
    node.name = name;
    scenario.nodes.push_back(node);
  }
  return scenario;
}

ExpectationOutcome judge(const std::string& check) {
  Scenario scenario = tracing();
  scenario.expects = {{check, "", {}}};
  RunResult result = traced();
  judge_run(scenario, result);
  return result.expectations.at(0);
}

std::string error_of(const std::string& check) {
  try {
    ExpectationExpression::parse(check).resolve(MetricCatalogue(tracing()));
  } catch (const ExpressionError& error) {
    return error.message();
  }
  return "";
}

TEST(HopMetrics, GiveTheMeanOfTheAnswersOfAHop) {
  EXPECT_TRUE(judge("t.v6.hop.1.rtt == 2 ms").met);
  EXPECT_FALSE(judge("t.v6.hop.1.rtt > 2 ms").met);
  EXPECT_TRUE(judge("max(t.v6.hop.1.rtt, t.v6.hop.3.rtt) == 9 ms").met);
}

TEST(HopMetrics, NameTheNodeThatAnswered) {
  EXPECT_TRUE(judge("t.v6.hop.1.node == near/r1").met);
  EXPECT_FALSE(judge("t.v6.hop.1.node != near/r1").met);
  const ExpectationOutcome other = judge("t.v6.hop.1.node == near/far");
  EXPECT_FALSE(other.met);
  EXPECT_EQ(other.wanted, "== near/far");
  EXPECT_EQ(other.measured, "near/r1");
  EXPECT_EQ(other.metrics, std::vector<std::string>{"t.v6.hop.1.node"});
}

TEST(HopMetrics, SayWhyThereIsNoValue) {
  EXPECT_EQ(judge("t.v6.hop.2.rtt < 1 s").reason, "t.v6.hop.2.rtt: nobody answered at this hop");
  EXPECT_EQ(judge("t.v6.hop.2.node != near/r1").reason,
            "t.v6.hop.2.node: nobody answered at this hop");
  EXPECT_FALSE(judge("t.v6.hop.2.node != near/r1").met);
  EXPECT_EQ(judge("t.v6.hop.3.node == near/far").reason,
            "t.v6.hop.3.node: no node of the scenario has the address 10.0.9.9");
  EXPECT_EQ(judge("t.v6.hop.4.rtt < 1 s").reason,
            "t.v6.hop.4.rtt: the trace has no hop 4: it reached its target at hop 3");
  EXPECT_EQ(metric_value(traced(false), "t.v6.hop.4.node").reason,
            "the trace has no hop 4: it ended at hop 3");
}

TEST(HopMetrics, AreListedAsTwoFamiliesBeforeTheRunAndOneByOneAfterIt) {
  const auto names_of = [](const MetricCatalogue& catalogue) {
    std::vector<std::string> names;
    for (const MetricInfo& info : catalogue.matching("t.v6.hop.*.*")) names.push_back(info.name);
    return names;
  };
  EXPECT_EQ(names_of(MetricCatalogue(tracing())),
            (std::vector<std::string>{"t.v6.hop.<n>.node", "t.v6.hop.<n>.rtt"}));
  EXPECT_EQ(names_of(MetricCatalogue(traced())).size(), 6u);
}

TEST(HopMetrics, AreRefusedWhereTheyMeanNothing) {
  EXPECT_EQ(error_of("t.v6.hop.12.rtt < 1 s"), "");
  EXPECT_EQ(error_of("t.v6.hop.13.rtt < 1 s").substr(0, 31), "no such metric: t.v6.hop.13.rtt");
  EXPECT_EQ(error_of("t.v6.hop.0.rtt < 1 s").substr(0, 30), "no such metric: t.v6.hop.0.rtt");
  EXPECT_EQ(error_of("t.v6.hop.01.rtt < 1 s").substr(0, 31), "no such metric: t.v6.hop.01.rtt");
  EXPECT_EQ(error_of("t.v6.hop.1.node == r1"), "no such node: r1; did you mean \"near/r1\"?");
  EXPECT_EQ(error_of("t.v6.hop.1.node >= near/r1"),
            "t.v6.hop.1.node is a name: only == and != compare names");
  EXPECT_EQ(error_of("t.v6.hop.1.node == 3").substr(0, 34), "the name of a node is expected her");
  EXPECT_EQ(error_of("count(t.v6.hop.1.node) == 1").substr(0, 39),
            "t.v6.hop.1.node is a name, no number: i");
  EXPECT_EQ(error_of("max(t.v6.hop.*.rtt) < 1 s").substr(0, 45),
            "t.v6.hop.*.rtt has no end before the run: say");
  EXPECT_EQ(error_of("t.v6.hop.1.node{crypt=none} == near/r1").substr(0, 35),
            "names are compared in each run: no ");
}

}  // namespace
}  // namespace violin
