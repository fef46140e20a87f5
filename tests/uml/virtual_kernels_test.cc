#include "tests/uml/virtual_kernels.hh"

#include <sched.h>

#include <chrono>
#include <stdexcept>

namespace violin::testing {
namespace {

using namespace literals;

// With a short queue, and system calls that take time: iperf3 polls without a rest while it waits
// for its other end.
constexpr const char* kLink =
    "delay: 5 ms, rate: 20 Mbit/s, queue: { kind: droptail, limit: 30 packets }";

// Two kernels on one link.
std::string two_kernels(const std::string& workloads, const std::string& link = "delay: 10 ms") {
  return "violin: 1\nname: kernels\nduration: 5 s\numl: { syscall_cost: 5 us }\n"
         "violins: { v1: { backend: uml, nodes: { h1..h2: { kind: host } },\n"
         "  links: [ { name: l, endpoints: [h1, h2], " +
         link +
         " } ] } }\n"
         "workloads:\n" +
         workloads;
}

TEST_F(VirtualKernels, PingEachOtherInTheTimeThatTheLinkTakes) {
  const RunResult result =
      run(two_kernels("  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 3 } }\n"));
  const auto& ping = outcome_of<PingResult>(result, "p");
  ASSERT_EQ(ping.probes.size(), 3u);
  for (const PingProbe& probe : ping.probes) {
    ASSERT_TRUE(probe.rtt);
    EXPECT_GE(*probe.rtt, 20_ms);
    EXPECT_LT(*probe.rtt, 20_ms + 20_us);
  }
}

TEST_F(VirtualKernels, FillALinkWithTcp) {
  const RunResult result = run(two_kernels(
      "  - { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 4 s, congestion: cubic } }\n",
      kLink));
  const auto& tcp = outcome_of<TcpResult>(result, "t");
  EXPECT_GT(tcp.goodput_bps, 18e6);
  EXPECT_LT(tcp.goodput_bps, 20e6);
}

TEST_F(VirtualKernels, GiveEqualDigestsEveryTimeOnOneProcessorAndOnAll) {
  const std::string text = two_kernels(
      "  - { name: t, tcp: { from: v1/h1, to: v1/h2, duration: 2 s } }\n"
      "  - { name: u, udp: { from: v1/h2, to: v1/h1, duration: 2 s, rate: 1 Mbit/s, size: 500 B } "
      "}\n"
      "  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 3, interval: 700 ms } }\n",
      kLink);
  const RunResult first = run(text);
  ASSERT_EQ(first.failures, std::vector<std::string>());
  EXPECT_GT(first.frame_hops, 2'000u);
  EXPECT_EQ(run(text).digest, first.digest);
  options_.on_one_processor = false;
  EXPECT_EQ(run(text).digest, first.digest);
  options_.shares_memory = false;
  EXPECT_EQ(run(text).digest, first.digest) << "the plain protocol";
  options_.shares_memory = true;
  EXPECT_NE(run(text, 2).digest, first.digest) << "another seed";
}

TEST_F(VirtualKernels, TalkToModelHostsThroughAKernelThatForwards) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "a program with AddressSanitizer does not run in a guest";
#endif
  const RunResult result = run(R"(violin: 1
name: mixed
duration: 5 s
violins:
  v1:
    nodes:
      model: { kind: host }
      linux: { kind: host, backend: uml }
      router: { kind: router, backend: uml }
      middle: { kind: router }
    links:
      - { endpoints: [model, router], delay: 2 ms, rate: 10 Mbit/s }
      - { endpoints: [router, middle], delay: 3 ms }
      - { endpoints: [middle, linux], delay: 1 ms }
workloads:
  - { name: from_model, ping: { from: v1/model, to: v1/linux, count: 2 } }
  - { name: from_linux, ping: { from: v1/linux, to: v1/model, count: 2 } }
  - { name: to_linux, tcp: { from: v1/model, to: v1/linux, at: 1 s, size: 200 kB } }
  - { name: to_model, tcp: { from: v1/linux, to: v1/model, at: 3 s, size: 200 kB } }
  - { name: way, traceroute: { from: v1/linux, to: v1/model } }
)");
  EXPECT_EQ(outcome_of<PingResult>(result, "from_model").received, 2);
  EXPECT_EQ(outcome_of<PingResult>(result, "from_linux").received, 2);
  EXPECT_EQ(outcome_of<TcpResult>(result, "to_linux").bytes, 200'000);
  EXPECT_EQ(outcome_of<TcpResult>(result, "to_model").bytes, 200'000);
  EXPECT_EQ(outcome_of<TcpResult>(result, "to_linux").wrong_bytes, 0);
  EXPECT_EQ(outcome_of<TcpResult>(result, "to_model").wrong_bytes, 0);
  EXPECT_TRUE(outcome_of<TracerouteResult>(result, "way").reached);
}

TEST_F(VirtualKernels, RunCommandsAndKeepWhatTheyPrint) {
  const RunResult result = run(two_kernels(
      "  - { name: when, exec: { node: v1/h1, at: 2 s, command: [date, -u, +%s.%N] } }\n"
      "  - { name: who, exec: { node: v1/h2, command: [sh, -c, 'hostname; exit 7'] } }\n"));
  const auto& when = outcome_of<ExecResult>(result, "when");
  EXPECT_EQ(when.output.substr(0, 13), "1577836802.00") << when.output;
  const auto& who = outcome_of<ExecResult>(result, "who");
  EXPECT_EQ(who.output, "h2\n");
  EXPECT_EQ(who.status, 7);
}

TEST_F(VirtualKernels, AreNamedWithTheProgramThatKeepsThemBusyForEver) {
  options_.patience = std::chrono::milliseconds(2'000);
  const std::string text = two_kernels(
      "  - { name: loop, exec: { node: v1/h2, command: [sh, -c, 'while :; do :; done'] } }\n");
  try {
    run(text);
    FAIL() << "it ended";
  } catch (const std::runtime_error& error) {
    const std::string why = error.what();
    EXPECT_NE(why.find("v1/h2"), std::string::npos) << why;
    EXPECT_NE(why.find("sh"), std::string::npos) << why;
  }
}

TEST_F(VirtualKernels, PanicByThemselvesAndTheOthersGoOn) {
  const RunResult result = run(R"(violin: 1
name: panic
duration: 6 s
violins: { v1: { backend: uml, nodes: { h1..h3: { kind: host }, s: { kind: switch, backend: model } },
  links: [ { endpoints: [h1, s] }, { endpoints: [h2, s] }, { endpoints: [h3, s] } ] } }
workloads:
  - { name: panic, exec: { node: v1/h3, at: 2 s, user: root,
      command: [sh, -c, 'echo 2 > /proc/sys/vm/panic_on_oom; head -c 1G /dev/zero | tail'] } }
  - { name: dead, ping: { from: v1/h1, to: v1/h3, at: 3 s, count: 2 } }
  - { name: alive, ping: { from: v1/h1, to: v1/h2, at: 3 s, count: 2 } }
)");
  EXPECT_EQ(outcome_of<PingResult>(result, "alive").received, 2);
  EXPECT_EQ(outcome_of<PingResult>(result, "dead").received, 0);
  ASSERT_EQ(result.event_log.size(), 1u);
  EXPECT_GE(result.event_log[0].when, Time::zero() + 2_s);
  EXPECT_LT(result.event_log[0].when, Time::zero() + 2_s + 1_ms);
  EXPECT_NE(result.event_log[0].text.find("v1/h3: its kernel panicked"), std::string::npos);
}

// What follows from a frame may be nearer than anything that was known when its sender was let run.
TEST_F(VirtualKernels, HearAtOnceWhatTheirOwnFramesCauseHoweverBusyTheyAre) {
  const RunResult result = run(two_kernels(
      "  - { name: busy, exec: { node: v1/h1, at: 1 s,\n"
      "      command: [dd, if=/dev/zero, of=/dev/null, bs=1, count=100000] } }\n"
      "  - { name: p, ping: { from: v1/h1, to: v1/h2, at: 1500 ms, count: 5, interval: 80 ms } }\n",
      "delay: 50 us"));
  EXPECT_EQ(outcome_of<ExecResult>(result, "busy").status, 0);
  const auto& ping = outcome_of<PingResult>(result, "p");
  ASSERT_EQ(ping.received, 5);
  ASSERT_EQ(ping.program_rtt.samples, 5u);
  EXPECT_LT(ping.program_rtt.max, 250_us) << "the link's 100 us, and some system calls";
}

TEST_F(VirtualKernels, LoseCarrierWithTheirLinkAndForgetWhatTheyKnewThere) {
  const RunResult result = run(two_kernels(R"(
  - { name: known, ping: { from: v1/h1, to: v1/h2, count: 1 } }
  - { name: with, exec: { node: v1/h1, at: 1 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: without, exec: { node: v1/h1, at: 2 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: neighbours, exec: { node: v1/h1, at: 2 s, command: [ip, neighbour] } }
  - { name: again, exec: { node: v1/h1, at: 3 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: back, ping: { from: v1/h1, to: v1/h2, at: 3 s, count: 1 } }
events:
  - { at: 1500 ms, down: v1/l, for: 1 s }
)"));
  EXPECT_EQ(outcome_of<ExecResult>(result, "with").output, "1\n");
  EXPECT_EQ(outcome_of<ExecResult>(result, "without").output, "0\n");
  const std::string neighbours = outcome_of<ExecResult>(result, "neighbours").output;
  EXPECT_EQ(neighbours.find("lladdr"), std::string::npos) << neighbours;
  EXPECT_EQ(outcome_of<ExecResult>(result, "again").output, "1\n");
  EXPECT_EQ(outcome_of<PingResult>(result, "back").received, 1);
}

TEST_F(VirtualKernels, LeaveTheCallerOnTheProcessorsItWasOn) {
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  run(two_kernels("  - { name: p, ping: { from: v1/h1, to: v1/h2, count: 1 } }\n"));
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

}  // namespace
}  // namespace violin::testing
