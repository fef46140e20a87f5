#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/uml/real_machines.hh"

// Nodes with kernels of their own under the real clock, from the command line.

namespace violin::testing {
namespace {

TEST_F(RealMachines, DoTheWorkloadsOfAScenarioWithAllKindsOfNodes) {
  const Outcome ran = run(five_nodes(R"(workloads:
  - { name: across, ping: { from: v/h1, to: v/h2, count: 5, interval: 100 ms } }
  - { name: beside, ping: { from: v/n1, to: v/h1, count: 5, interval: 100 ms } }
  - { name: modelled, ping: { from: v/h2, to: v/m1, count: 5, interval: 100 ms } }
  - { name: bulk, tcp: { from: v/h1, to: v/h2, at: 1 s, duration: 1 s } }
  - { name: hops, traceroute: { from: v/h1, to: v/h2 } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const auto& [name, least] : {std::pair("across", Duration::milliseconds(10)),
                                    std::pair("beside", Duration::milliseconds(6)),
                                    std::pair("modelled", Duration::milliseconds(8))}) {
    const PingResult ping = outcome_of<PingResult>(name);
    EXPECT_EQ(ping.received, 5) << name;
    for (const PingProbe& probe : ping.probes) EXPECT_GE(probe.rtt, least) << name;
  }
}

// A machine's calendar is behind ours; what it says of an instant is not.
TEST_F(RealMachines, KnowTheScenariosTime) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "a program with AddressSanitizer does not run in a guest";
#endif
  const Outcome ran = run(five_nodes(R"(workloads:
  - { name: half, udp: { from: v/m1, to: v/h1, at: 1 s, duration: 1 s, rate: 80 kbit/s, size: 100 B } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_GE(outcome_of<UdpResult>("half").delay.p50, Duration::milliseconds(3));
}

TEST_F(RealMachines, LoseCarrierWithTheirLinkAsTheOtherKernelsDo) {
  const Outcome ran = run(five_nodes(R"(workloads:
  - { name: with, exec: { node: v/h1, at: 0.5 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: without, exec: { node: v/h1, at: 2 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: shared, exec: { node: v/n1, at: 2 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: again, exec: { node: v/h1, at: 4 s, command: [cat, /sys/class/net/eth0/carrier] } }
  - { name: back, ping: { from: v/h1, to: v/n1, at: 4 s, count: 1 } }
events:
  - { at: 1 s, down: v/h1--r1, for: 2 s }
  - { at: 1 s, down: v/n1--r1, for: 2 s }
)",
                                     "5 s"));
  EXPECT_EQ(outcome_of<ExecResult>("with").output, "1\n") << ran.output << ran.error;
  EXPECT_EQ(outcome_of<ExecResult>("without").output, "0\n");
  EXPECT_EQ(outcome_of<ExecResult>("shared").output, "0\n");
  EXPECT_EQ(outcome_of<ExecResult>("again").output, "1\n");
  EXPECT_EQ(outcome_of<PingResult>("back").received, 1);
}

// Root of a machine puts a program in the place of the one that tells us who listens.
TEST_F(RealMachines, CannotKeepTheRunWaitingByNotAnswering) {
  const Outcome ran = run(five_nodes(R"(workloads:
  - { name: trick, exec: { node: v/h1, user: root, command:
      [sh, -c, "printf '#!/bin/sh\\nexec sleep 1000\\n' > /usr/bin/cat"] } }
  - { name: bulk, tcp: { from: v/n1, to: v/h1, at: 1 s, duration: 1 s } }
)"));
  EXPECT_EQ(outcome_of<ExecResult>("trick").status, 0);
  EXPECT_LT(ran.status, 128) << "it ended by itself: " << ran.error;
}

TEST_F(RealMachines, PanicAloneAndTheRunSaysSo) {
  write("scenario.yaml", five_nodes(R"(workloads:
  - { name: others, ping: { from: v/h1, to: v/n1, count: 20, interval: 200 ms } }
  - { name: end, exec: { node: v/h2, command: [sh, -c, "echo c > /proc/sysrq-trigger"], at: 1 s,
                         user: root } }
)",
                                    "5 s"));
  Violin live(run_words(), here());
  const Outcome ran = live.wait();
  EXPECT_NE(ran.status, 2) << ran.error;
  EXPECT_EQ(outcome_of<PingResult>("others").received, 20);
  const std::string note = note_about("v/h2");
  EXPECT_NE(note.find("its kernel panicked"), std::string::npos) << note;
  EXPECT_NE(note.find("Kernel panic - not syncing: sysrq triggered crash"), std::string::npos)
      << note;
  EXPECT_EQ(note_about("v/h1"), "");
  EXPECT_NE(ran.output.find("note: v/h2: its kernel panicked: Kernel panic"), std::string::npos)
      << ran.output;
}

TEST_F(RealMachines, BootBehindATunnel) {
  const std::string scenario = two_machines(R"(workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 5, interval: 100 ms } }
)");
  const Outcome ran = run(scenario);
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error << scenario;
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 5);
}

}  // namespace
}  // namespace violin::testing
