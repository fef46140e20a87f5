#include "emulator/command/calibration_text.hh"

#include <gtest/gtest.h>

#include "emulator/command/calibration_scenario.hh"
#include "emulator/command/clock_requirements.hh"
#include "emulator/scenario/calibration.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using namespace literals;

const WorkloadSpec& workload(const Scenario& scenario, const std::string& name) {
  for (const WorkloadSpec& spec : scenario.workloads) {
    if (spec.name == name) return spec;
  }
  throw std::runtime_error("no workload " + name);
}

WorkloadResult ping_of(const std::string& name, std::vector<Duration> round_trips) {
  PingResult ping;
  for (const Duration rtt : round_trips) {
    PingProbe probe;
    probe.rtt = rtt;
    ping.probes.push_back(probe);
  }
  WorkloadResult result;
  result.name = name;
  result.outcome = ping;
  return result;
}

template <typename Outcome>
WorkloadResult rate_of(const std::string& name, double bps) {
  Outcome outcome;
  outcome.goodput_bps = bps;
  WorkloadResult result;
  result.name = name;
  result.outcome = outcome;
  return result;
}

// As one run of the calibration leaves it.
RunResult run_of(const SweepPoint& point) {
  RunResult result;
  result.identity.version = "9.8.7";
  result.identity.machine = "some machine";
  result.identity.params = point.params;
  result.identity.epoch_ns = 1'078'012'800'000'000'000;  // 2004-02-29
  const Duration more = Duration::microseconds(static_cast<int64_t>(point.seed));
  result.workloads = {ping_of("host_small", {90_us, 50_us, 51_us}),
                      ping_of("host_large", {52_us, 51_us, 90_us}),
                      ping_of("vm_small", {150_us + more * 4, 150_us + more * 4}),
                      ping_of("vm_large", {170_us + more * 4}),
                      rate_of<TcpResult>("bulk", 1e9),
                      rate_of<UdpResult>("small", 512 * 200e3)};
  AgentFidelity agent;
  agent.steal_seconds = 0.002 * static_cast<double>(point.seed);
  agent.processor_seconds = 1;
  agent.lateness.summary.samples = 1;
  result.fidelity = judge_fidelity({agent});
  return result;
}

SweepResult sweep_of(uint64_t rounds) {
  SweepResult sweep;
  for (const SweepPoint& point : calibration_points(rounds)) {
    sweep.runs.push_back({"x", run_of(point)});
  }
  return sweep;
}

TEST(CalibrationScenario, RunsUnderTheRealClockAndSendsTheFramesThatAreReckonedWith) {
  const Scenario scenario = test::read(std::string(calibration_scenario()));
  EXPECT_TRUE(real_clock_refusals(scenario).empty());
  const auto size = [&](const char* name) {
    return std::get<PingWorkload>(workload(scenario, name).kind).size.count();
  };
  EXPECT_EQ(size("host_small"), CalibrationFrames::kSmallPing);
  EXPECT_EQ(size("vm_small"), CalibrationFrames::kSmallPing);
  EXPECT_EQ(size("host_large"), CalibrationFrames::kLargePing);
  EXPECT_EQ(size("vm_large"), CalibrationFrames::kLargePing);
  EXPECT_EQ(std::get<UdpWorkload>(workload(scenario, "small").kind).size.count(),
            CalibrationFrames::kSmallPayload);
  EXPECT_TRUE(std::holds_alternative<TcpWorkload>(workload(scenario, "bulk").kind));
  for (const LinkSpec& link : scenario.links) {
    EXPECT_TRUE(link.a_to_b.rate.unlimited() && link.b_to_a.rate.unlimited());
  }
}

TEST(CalibrationScenario, ComesWithEveryCipherInEveryRound) {
  const std::vector<SweepPoint> points = calibration_points(2);
  ASSERT_EQ(points.size(), 6u);
  EXPECT_EQ(points[1].params.at("crypt"), "aes-256-gcm");
  EXPECT_EQ(points[1].seed, 1u);
  EXPECT_EQ(points[3].params.at("crypt"), "none");
  EXPECT_EQ(points[3].seed, 2u);
  for (const SweepPoint& point : points) {
    ScenarioOptions options;
    options.point = point;
    EXPECT_EQ(
        name_of(test::read(std::string(calibration_scenario()), options).plane("v").encryption),
        point.params.at("crypt"));
  }
}

TEST(CalibrationScenario, HandsOverMediansAndRatesAndSaysWhatIsMissing) {
  RunResult result = run_of(calibration_points(1)[0]);
  const CalibrationRound round = calibration_round(result);
  EXPECT_EQ(round.host_small, 51_us);
  EXPECT_EQ(round.host_large, 52_us);
  EXPECT_EQ(round.vm_small, 154_us);
  EXPECT_EQ(round.vm_large, 174_us);
  EXPECT_EQ(round.tcp_bps, 1e9);
  EXPECT_DOUBLE_EQ(round.small_per_second, 200e3);
  const auto without = [&result](size_t index) {
    RunResult rest = result;
    rest.workloads.erase(rest.workloads.begin() + static_cast<ptrdiff_t>(index));
    return rest;
  };
  for (size_t i = 0; i < result.workloads.size(); ++i) {
    EXPECT_THROW(calibration_round(without(i)), std::runtime_error);
  }
  std::get<PingResult>(result.workloads[0].outcome).probes.clear();
  EXPECT_THROW(calibration_round(result), std::runtime_error);
}

TEST(CalibrationText, WritesAFileThatReadsBackToTheCostsWithTheirOrigin) {
  const CalibrationOutcome outcome = calibration_outcome(sweep_of(7));
  const std::string text = calibration_file_text(outcome);
  const Calibration read = parse_calibration(text, "cal.yaml");
  ASSERT_EQ(read.costs.size(), 3u) << text;
  for (const auto& [encryption, cost] : read.costs) {
    EXPECT_EQ(cost.cost, cost_of(outcome.figures.at(encryption)));
    EXPECT_GT(cost.cost.per_frame, Duration());
    EXPECT_GT(cost.cost.latency, Duration());
    EXPECT_EQ(cost.origin, "violin calibrate 9.8.7 on some machine");
  }
  EXPECT_CONTAINS(text, "2004-02-29: rounds: 7, 15 of 21 runs VALID, at most 1.40 % of");
}

TEST(CalibrationText, ShowsCostsWithTheirIntervalsAndWhatTheyDoNotExplain) {
  const std::string several = calibration_table(calibration_outcome(sweep_of(7)));
  EXPECT_CONTAINS(several, "chacha20-poly1305");
  EXPECT_CONTAINS(several, "with the cost");
  EXPECT_CONTAINS(several, "us [");
  const std::string once = calibration_table(calibration_outcome(sweep_of(1)));
  EXPECT_EQ(once.find("us ["), std::string::npos) << "no interval of one round\n" << once;
}

}  // namespace
}  // namespace violin
