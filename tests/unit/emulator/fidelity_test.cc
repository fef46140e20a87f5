#include "emulator/results/fidelity.hh"

#include <gtest/gtest.h>

#include <string>

#include "emulator/command/run_summary.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/report.hh"
#include "emulator/results/report_fidelity.hh"
#include "emulator/results/summary.hh"
#include "tests/support/example_result.hh"

namespace violin {
namespace {

using namespace literals;

// An agent half of whose frames are `usual` late and the others, one in fifty, `at_worst`.
AgentFidelity agent_of(const std::string& host, Duration usual, Duration at_worst) {
  LogHistogram lateness;
  for (int i = 0; i < 980; ++i) lateness.add(usual);
  for (int i = 0; i < 20; ++i) lateness.add(at_worst);
  AgentFidelity agent;
  agent.host = host;
  agent.lateness = histogram_of(lateness);
  agent.processor_seconds = 100;
  return agent;
}

FidelityVerdict verdict_of(const AgentFidelity& agent) { return judge_fidelity({agent}).verdict; }

RunResult real_run(std::vector<AgentFidelity> agents) {
  RunResult result = example_result();
  result.identity.clock = "real";
  result.digest.reset();
  result.fidelity = judge_fidelity(std::move(agents));
  return result;
}

TEST(Fidelity, IsJudgedByTheLatenessOfFrames) {
  EXPECT_EQ(verdict_of(agent_of("mit", 2_us, 40_us)), FidelityVerdict::kValid);
  EXPECT_EQ(verdict_of(agent_of("mit", 2_us, 60_us)), FidelityVerdict::kDegraded);
  EXPECT_EQ(verdict_of(agent_of("mit", 6_us, 40_us)), FidelityVerdict::kDegraded);
  EXPECT_EQ(verdict_of(agent_of("mit", 2_us, 1100_us)), FidelityVerdict::kInvalid);
  EXPECT_EQ(verdict_of(AgentFidelity{}), FidelityVerdict::kValid);  // released nothing
}

TEST(Fidelity, LimitsAreStillWithin) {
  FidelityLimits limits;
  limits.valid_p50 = limits.valid_p99 = limits.degraded_p99 = 2_us;
  EXPECT_EQ(judge_fidelity({agent_of("mit", 2_us, 2_us)}, limits).verdict, FidelityVerdict::kValid);
}

TEST(Fidelity, IsJudgedByWhatAHypervisorTook) {
  AgentFidelity agent = agent_of("mit", 2_us, 4_us);
  agent.steal_seconds = 1;
  EXPECT_EQ(verdict_of(agent), FidelityVerdict::kValid);
  agent.steal_seconds = 1.5;
  EXPECT_EQ(verdict_of(agent), FidelityVerdict::kDegraded);
  agent.steal_seconds = 10.5;
  EXPECT_EQ(verdict_of(agent), FidelityVerdict::kInvalid);
}

TEST(Fidelity, FramesThatWereLostOnTheWayInDegrade) {
  AgentFidelity overrun = agent_of("mit", 2_us, 4_us);
  overrun.overruns = 1;
  EXPECT_EQ(verdict_of(overrun), FidelityVerdict::kDegraded);
  AgentFidelity starved = agent_of("mit", 2_us, 4_us);
  starved.buffer_drops = 1;
  EXPECT_EQ(verdict_of(starved), FidelityVerdict::kDegraded);
}

TEST(Fidelity, OfARunIsThatOfItsWorstAgentWithEveryReason) {
  AgentFidelity mit = agent_of("mit", 6_us, 90_us);
  mit.buffer_drops = 7;
  AgentFidelity berkeley = agent_of("berkeley", 2_us, 4_us);
  berkeley.steal_seconds = 20;
  const FidelityResult result = judge_fidelity({mit, berkeley, agent_of("ucl", 1_us, 2_us)});
  EXPECT_EQ(result.verdict, FidelityVerdict::kInvalid);
  EXPECT_EQ(
      result.reasons,
      (std::vector<std::string>{
          "berkeley: a hypervisor took 20 % of the processors' time, above 10 %",
          "mit: lateness p99 is 90 us, above 50 us", "mit: lateness p50 is 6.14 us, above 5 us",
          "mit: 7 frames were dropped for lack of buffers"}));
  EXPECT_EQ(result.agents[1].verdict, FidelityVerdict::kDegraded);
  EXPECT_EQ(result.latest()->host, "mit");
  EXPECT_EQ(result.worst_steal(), 0.2);
}

TEST(Fidelity, WithoutAgentsIsInvalid) {
  const FidelityResult result = judge_fidelity({});
  EXPECT_EQ(result.verdict, FidelityVerdict::kInvalid);
  EXPECT_EQ(result.reasons.size(), 1u);
  EXPECT_EQ(result.latest(), nullptr);
}

TEST(Fidelity, HasMetricsForExpectations) {
  AgentFidelity mit = agent_of("mit", 2_us, 40_us);
  mit.aggregation = 121_us;
  mit.overruns = 2;
  mit.steal_seconds = 5;
  const RunResult run = real_run({agent_of("berkeley", 3_us, 4_us), mit});
  EXPECT_EQ(metric_value(run, "fidelity.lateness.p99").value, 40'000);
  EXPECT_NEAR(*metric_value(run, "fidelity.lateness.p50").value, 2000, 125);
  EXPECT_EQ(metric_value(run, "fidelity.aggregation").value, 121'000);
  EXPECT_EQ(metric_value(run, "fidelity.overruns").value, 2);
  EXPECT_EQ(metric_value(run, "fidelity.buffer_drops").value, 0);
  EXPECT_EQ(metric_value(run, "fidelity.steal").value, 0.05);
  const MetricValue none = metric_value(example_result(), "fidelity.lateness.p99");
  EXPECT_EQ(none.value, std::nullopt);
  EXPECT_EQ(none.reason, "the run has no fidelity: its clock was virtual");

  ExpectSpec spec;
  spec.check = "fidelity.lateness.p99 <= 50 us";
  const MetricLookup lookup = [&](const std::string& name, const ParamSelector*) {
    return metric_value(run, name);
  };
  EXPECT_TRUE(judge_expectation(spec, MetricCatalogue(run), lookup, run.window, {}).met);
}

TEST(Fidelity, IsInTheSummaryOfTheTerminal) {
  const std::string text =
      run_summary_text(real_run({agent_of("mit", 2_us, 90_us)}), "runs/example/001");
  EXPECT_NE(text.find("example: 60 s of real time, 1.2 M frame hops, measured, seed 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("times: DEGRADED (lateness p50 2.047 us, p99 90 us)\n"
                      "  mit: lateness p99 is 90 us, above 50 us\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("digest"), std::string::npos) << text;
  EXPECT_EQ(run_summary_text(example_result(), "x").find("times:"), std::string::npos);
}

TEST(Fidelity, HasASectionInTheReportOfARealRunOnly) {
  const std::string report =
      report_text(real_run({agent_of("mit", 2_us, 90_us), agent_of("ucl", 1_us, 2_us)}));
  EXPECT_NE(report.find("<span class=\"verdict bad\">times DEGRADED</span>"), std::string::npos);
  EXPECT_NE(report.find("id=\"fidelity\""), std::string::npos);
  EXPECT_NE(report.find("<li>mit: lateness p99 is 90 us, above 50 us</li>"), std::string::npos);
  EXPECT_EQ(report_text(example_result()).find("id=\"fidelity\""), std::string::npos);
}

TEST(Fidelity, SaysHowFarTheClocksOfSeveralMachinesCanHaveBeenApart) {
  AgentFidelity mit = agent_of("mit", 2_us, 40_us);
  mit.clock_error = 123_us;
  RunResult run = real_run({agent_of("berkeley", 3_us, 4_us), mit});
  run.identity.underlay = "real";
  EXPECT_EQ(run.fidelity->clock_error(), 123_us);
  const std::string text = run_summary_text(run, "x");
  EXPECT_NE(text.find(", measured over a real underlay, seed 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find(", clocks within 123 us\n"), std::string::npos) << text;
  const std::string report = report_text(run);
  EXPECT_NE(report.find("scenario times were off by at most 123 us"), std::string::npos);
  EXPECT_NE(report.find("over a real underlay: the links"), std::string::npos);
  const RunResult read = parse_summary(summary_text(run), "summary.json");
  EXPECT_EQ(read.identity.underlay, "real");
  ASSERT_EQ(read.fidelity->agents.size(), 2u);
  EXPECT_EQ(read.fidelity->clock_error(), 123_us);
  run = real_run({agent_of("mit", 2_us, 40_us)});
  EXPECT_EQ(run_summary_text(run, "x").find("clocks within"), std::string::npos) << "one clock";
  EXPECT_EQ(report_text(run).find("scenario times were off"), std::string::npos);
}

TEST(Fidelity, ThePlotHasTheShareOfFramesLaterThanX) {
  const Plot plot = lateness_plot(real_run({agent_of("mit", 2_us, 90_us)}));
  ASSERT_EQ(plot.panels.size(), 1u);
  ASSERT_EQ(plot.panels[0].curves.size(), 1u);
  const Curve& curve = plot.panels[0].curves[0];
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_DOUBLE_EQ(curve.points[0].second, 2);
  EXPECT_DOUBLE_EQ(curve.points[1].second, 0);
  EXPECT_NE(gnuplot_script(plot).find("set logscale x"), std::string::npos);
  EXPECT_TRUE(lateness_plot(example_result()).panels.empty());
}

}  // namespace
}  // namespace violin
