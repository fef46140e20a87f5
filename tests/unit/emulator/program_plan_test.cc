#include "emulator/program/program_plan.hh"

#include <gtest/gtest.h>

#include <string>

#include "emulator/scenario/input_error.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

using namespace literals;

const WorkloadAddresses kAddresses = {*IpAddress::parse("10.0.1.3"), *IpAddress::parse("10.0.0.1")};

// The plan of these workloads between v1/h1 (0) and v1/h2 (1), in a scenario of 10 s.
ProgramPlan plan_of(const std::string& workloads) {
  const Scenario scenario = test::read(test::two_hosts("workloads:\n" + workloads));
  ProgramPlan plan(scenario.duration);
  for (const WorkloadSpec& spec : scenario.workloads) plan.add(spec, kAddresses);
  return plan;
}

std::string workload(const std::string& name, const std::string& kind, const std::string& options,
                     const std::string& ends = "from: v1/h1, to: v1/h2") {
  return "  - {name: " + name + ", " + kind + ": {" + ends + options + "}}\n";
}

std::string command(const ProgramStep& step) {
  std::string text;
  for (const std::string& word : step.argv) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string refusal(const std::string& workloads) {
  try {
    plan_of(workloads);
  } catch (const InputError& error) {
    return error.what();
  }
  return "runs";
}

std::string settings_of(const std::string& workloads) {
  std::string text;
  for (const SysctlSetting& one : plan_of(workloads).settings()) {
    text += std::to_string(one.node) + " " + one.name + "=" + one.value + "\n";
  }
  return text;
}

TEST(ProgramPlan, AHalfOfAWorkloadIsDoneByTheAgentsOwnProgram) {
  const Scenario scenario = test::read(test::two_hosts(
      "workloads:\n" + workload("t", "tcp", ", at: 2 s, size: 1 MB, congestion: newreno") +
      workload("u", "udp", ", at: 1 s, duration: 3 s, rate: 1 Mbit/s, size: 100 B")));
  ProgramPlan plan(scenario.duration);
  plan.add_half(scenario.workloads[0], {ProgramPlan::Half::kSends, 5009, {}}, kAddresses);
  plan.add_half(scenario.workloads[1],
                {ProgramPlan::Half::kReceives, 5010, {Time::zero() + 1_s, Time::zero() + 4_s}},
                kAddresses);
  ASSERT_EQ(plan.steps().size(), 2u);
  EXPECT_EQ(command(plan.steps()[0]),
            "/proc/self/exe traffic --do send-tcp --name t --address 10.0.1.3 --port 5009 "
            "--until 10000000000 --at 2000000000 --stop 10000000000 --congestion reno "
            "--size 1000000");
  EXPECT_EQ(plan.steps()[0].node, 0);
  EXPECT_EQ(command(plan.steps()[1]),
            "/proc/self/exe traffic --do receive-udp --name u --address 10.0.1.3 --port 5010 "
            "--until 10000000000 --from 1000000000 --to 4000000000");
  EXPECT_EQ(plan.steps()[1].node, 1);
  EXPECT_LT(plan.steps()[1].start, Time::zero() + 1_s) << "it is there before its sender";
}

TEST(ProgramPlan, PingSaysWhenEveryRequestLeftAndEndsWithTheScenario) {
  const ProgramPlan plan = plan_of(
      workload("w", "ping", ", at: 2 s, count: 50, interval: 20 ms, size: 100 B, timeout: 30 s"));
  ASSERT_EQ(plan.steps().size(), 1u);
  const ProgramStep& step = plan.steps()[0];
  EXPECT_EQ(command(step), "ping -n -D -O -c 50 -i 0.020 -s 100 -W 8.000 10.0.1.3");
  EXPECT_EQ(step.node, 0);
  EXPECT_EQ(step.start, Time::zero() + 2_s);
  EXPECT_EQ(step.limit, 8_s);
  EXPECT_TRUE(step.as_root);
  EXPECT_EQ(step.role, ProgramRole::kOnly);
}

TEST(ProgramPlan, TracerouteSendsOneProbeAtATime) {
  const ProgramPlan plan = plan_of(workload("w", "traceroute", ", max_hops: 12, probes: 2"));
  EXPECT_EQ(command(plan.steps().at(0)), "traceroute -n -N 1 -w 3,0,0 -q 2 -m 12 10.0.1.3");
}

TEST(ProgramPlan, ATcpClientWaitsForItsServer) {
  const ProgramPlan plan =
      plan_of(workload("w", "tcp", ", at: 1 s, duration: 4 s, congestion: newreno, port: 6000"));
  ASSERT_EQ(plan.steps().size(), 2u);
  const ProgramStep& server = plan.steps()[0];
  EXPECT_EQ(server.role, ProgramRole::kServer);
  EXPECT_EQ(server.node, 1);
  EXPECT_EQ(command(server), "iperf3 -s -1 -J -p 6000 -i 0.1");
  EXPECT_LT(server.start, Time::zero() + 1_s);
  const ProgramStep& client = plan.steps()[1];
  EXPECT_EQ(client.role, ProgramRole::kClient);
  EXPECT_EQ(client.node, 0);
  EXPECT_EQ(command(client), "iperf3 -c 10.0.1.3 -J -p 6000 -i 0.1 -C reno -t 4");
  EXPECT_EQ(client.start, Time::zero() + 1_s);
  EXPECT_EQ(client.limit, std::nullopt);
  ASSERT_TRUE(client.ready);
  EXPECT_EQ(client.ready->node, 1);
  EXPECT_EQ(client.ready->tcp_port, 6000);
  EXPECT_TRUE(client.as_root && server.as_root) << "or CUBIC may be refused";
}

TEST(ProgramPlan, AFractionOfASecondIsCutOffByAnInterruption) {
  const ProgramPlan plan = plan_of(workload("w", "tcp", ", duration: 2500 ms"));
  EXPECT_EQ(command(plan.steps().at(1)), "iperf3 -c 10.0.1.3 -J -p 5001 -i 0.1 -C cubic -t 3");
  EXPECT_EQ(plan.steps()[1].limit, 2500_ms);
}

TEST(ProgramPlan, AFlowWithoutEndSendsToTheEndOfTheScenario) {
  const ProgramPlan plan = plan_of(workload("w", "tcp", ", at: 3 s"));
  EXPECT_EQ(plan.steps().at(1).argv.back(), "7");
}

TEST(ProgramPlan, AFlowOfAGivenSizeIsAskedForByItsReceiver) {
  const ProgramPlan plan = plan_of(workload("w", "tcp", ", size: 3000007 B"));
  EXPECT_EQ(plan.steps().at(0).node, 0);
  EXPECT_EQ(plan.steps().at(1).node, 1);
  EXPECT_EQ(command(plan.steps()[1]),
            "iperf3 -c 10.0.0.1 -J -p 5001 -i 0.1 -C cubic --reverse -n 3000007 -l 130436");
}

TEST(ProgramPlan, UdpSendsPayloadAtItsRate) {
  const ProgramPlan plan =
      plan_of(workload("w", "udp", ", rate: 20 Mbit/s, size: 1000 B, duration: 5 s"));
  EXPECT_EQ(command(plan.steps().at(1)),
            "iperf3 -c 10.0.1.3 -J -p 5002 -i 0.1 -u -b 20000000 -l 1000 --pacing-timer 400 -t 5");
}

TEST(ProgramPlan, ExecRunsItsCommandAsWritten) {
  const ProgramPlan plan =
      plan_of("  - {name: w, exec: {node: v1/h2, command: [ls, \"a b\"], user: root}}\n");
  EXPECT_EQ(plan.steps().at(0).argv, (std::vector<std::string>{"ls", "a b"}));
  EXPECT_EQ(plan.steps()[0].node, 1);
  EXPECT_TRUE(plan.steps()[0].as_root);
}

TEST(ProgramPlan, TwoServersOfOneNodeGetPortsOfTheirOwn) {
  const ProgramPlan plan =
      plan_of(workload("a", "tcp", ", port: 5002") +
              workload("b", "udp", ", rate: 1 Mbit/s, port: 5002, duration: 1 s"));
  EXPECT_EQ(plan.steps().at(1).ready->tcp_port, 5002);
  EXPECT_EQ(plan.steps().at(3).ready->tcp_port, 5003);
}

TEST(ProgramPlan, NothingIsPlannedThatStartsAfterTheEnd) {
  WorkloadSpec spec;
  spec.start = 10_s;
  ProgramPlan plan(10_s);
  plan.add(spec, kAddresses);
  EXPECT_TRUE(plan.steps().empty());
}

TEST(ProgramPlan, RefusesWhatTheProgramsCannotDo) {
  EXPECT_NE(
      refusal(workload("w", "tcp", ", size: 1 MB, arrivals: {poisson: 5 /s}"))
          .find("test.yaml:10:5: the workload w cannot be run by a program: iperf3 cannot start "
                "flows at random"),
      std::string::npos);
  EXPECT_NE(refusal(workload("w", "udp", ", rate: 1 Mbit/s, poisson: true")).find("even distances"),
            std::string::npos);
  EXPECT_NE(refusal(workload("w", "udp", ", rate: 1 Mbit/s, size: 15 B")).find("at least 16 B"),
            std::string::npos);
  EXPECT_NE(refusal(workload("w", "ping", ", size: 15 B")).find("at least 16 B"),
            std::string::npos);
  EXPECT_NE(refusal(workload("w", "ping", ", interval: 1500 us")).find("whole milliseconds"),
            std::string::npos);
  EXPECT_EQ(refusal(workload("w", "ping", "")), "runs");
}

TEST(ProgramPlan, OptionsOfTcpBecomeSettingsOfItsKernels) {
  EXPECT_EQ(settings_of(workload("w", "tcp",
                                 ", ecn: true, timestamps: false, send_buffer: 1 MiB, "
                                 "receive_buffer: 64 KiB")),
            "0 net.ipv4.tcp_ecn=1\n"
            "0 net.ipv4.tcp_sack=1\n"
            "0 net.ipv4.tcp_timestamps=0\n"
            "0 net.ipv4.tcp_wmem=4096 131072 2097152\n"
            "1 net.ipv4.tcp_ecn=2\n"
            "1 net.ipv4.tcp_rmem=4096 131072 131072\n"
            "1 net.ipv4.tcp_sack=1\n");
}

TEST(ProgramPlan, TheReceiverOfAGivenSizeOpensTheConnectionAndAsksForEcn) {
  EXPECT_EQ(settings_of(workload("w", "tcp", ", ecn: true, size: 1 MB")).substr(0, 22),
            "0 net.ipv4.tcp_ecn=2\n0");
}

TEST(ProgramPlan, WorkloadsOfOneNodeMustNotContradictEachOther) {
  const std::string both = workload("a", "tcp", ", ecn: true") + workload("b", "tcp", "");
  EXPECT_NE(refusal(both).find("the workloads a and b contradict each other: one node has one "
                               "net.ipv4.tcp_ecn, and they want \"1\" and \"2\" of it"),
            std::string::npos)
      << refusal(both);
  // The way back may differ in what only the sender decides.
  EXPECT_EQ(refusal(workload("a", "tcp", ", ecn: true") +
                    workload("b", "tcp", "", "from: v1/h2, to: v1/h1")),
            "runs");
  EXPECT_NE(refusal(workload("a", "tcp", ", sack: false") +
                    workload("b", "tcp", "", "from: v1/h2, to: v1/h1"))
                .find("tcp_sack"),
            std::string::npos);
}

}  // namespace
}  // namespace violin
