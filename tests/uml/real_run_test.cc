#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <vector>

#include "emulator/kernel/kernel_store.hh"
#include "tests/realtime/run_fixture.hh"

// Nodes with kernels of their own under the real clock, from the command line.

namespace violin::testing {
namespace {

// Two machines and a router that is one, too; a host that shares our kernel and one that is a
// model beside them.
std::string five_nodes(const std::string& rest, const std::string& duration = "3 s") {
  return "violin: 1\nname: machines\nduration: " + duration + R"(
violins:
  v:
    nodes:
      h1..h2: { kind: host, backend: uml }
      r1: { kind: router, backend: uml }
      n1: { kind: host, backend: netns }
      m1: { kind: host, backend: model }
    links:
      - { endpoints: [h1, r1], delay: 2 ms }
      - { endpoints: [h2, r1], delay: 3 ms }
      - { endpoints: [n1, r1], delay: 1 ms }
      - { endpoints: [m1, r1], delay: 1 ms }
)" + rest;
}

class RealMachines : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (!find_kernel()) GTEST_SKIP() << "needs the guests' kernel: violin kernel build";
  }

  std::vector<std::string> run_words() const {
    return {"run", "--clock", "real", "--out", "out", "--force", "scenario.yaml"};
  }
  // Whether a program runs in a node of the run that is live.
  bool answers(const std::string& node) const {
    return violin({"exec", node, "--", "true"}).status == 0;
  }
  // The first note about a node.
  std::string note_about(const std::string& node) const {
    for (const RunEvent& event : result().event_log) {
      if (event.kind == "note" && event.text.starts_with(node + ": ")) return event.text;
    }
    return "";
  }
};

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

TEST_F(RealMachines, LetProgramsInWhileTheyRun) {
  write("scenario.yaml", five_nodes("", "60 s"));
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  const Outcome own =
      violin({"exec", "h1", "--", "sh", "-c", "hostname; id -u; cat; exit 7"}, "in");
  EXPECT_EQ(own.output, "h1\n65534\nin");
  EXPECT_EQ(own.status, 7);
  const Outcome root =
      violin({"exec", "r1", "--root", "--", "sysctl", "-n", "net.ipv4.ip_forward"});
  EXPECT_EQ(root.output, "1\n") << root.error;
  EXPECT_EQ(violin({"exec", "h1", "--", "no-such-program"}).status, 3);
  const Outcome console = violin({"console", "h1"});
  EXPECT_EQ(console.status, 0) << console.error;
  EXPECT_NE(console.output.find("Linux version 6.12"), std::string::npos) << console.output;
  const Outcome none = violin({"console", "n1"});
  EXPECT_EQ(none.status, 3);
  EXPECT_NE(none.error.find("no kernel of its own"), std::string::npos) << none.error;
  live.signal(SIGINT);
  EXPECT_EQ(live.wait().status, 3);
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
}

// The fixture finds whatever is left of it.
TEST_F(RealMachines, LeaveNothingWhoeverDies) {
  write("scenario.yaml", five_nodes("", "60 s"));
  for (const int signal : {SIGINT, SIGKILL}) {
    SCOPED_TRACE(signal);
    {
      Violin live(run_words(), here());
      ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
      live.signal(signal);
      live.wait();
    }
    EXPECT_TRUE(all_ended());
    violin({"clean", "--runs", "."});
    EXPECT_EQ(leftovers(), "");
  }
  // The agent: the only child of the sandbox, which is the only one of the coordinator.
  Violin live(run_words(), here());
  ASSERT_TRUE(eventually([&] { return answers("h1"); })) << live.error();
  const std::vector<pid_t> sandbox = children_of(live.pid());
  ASSERT_FALSE(sandbox.empty());
  const std::vector<pid_t> agent = children_of(sandbox.front());
  ASSERT_FALSE(agent.empty());
  kill(agent.front(), SIGKILL);
  const Outcome ended = live.wait();
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.error.find("agent of this machine"), std::string::npos) << ended.error;
  EXPECT_TRUE(all_ended());
}

TEST_F(RealMachines, BootBehindATunnel) {
  std::string scenario = two_hosts(R"(workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 5, interval: 100 ms } }
)");
  const std::string kind = "violins:\n  v:\n";
  const size_t at = scenario.find(kind);
  ASSERT_NE(at, std::string::npos) << scenario;
  scenario.insert(at + kind.size(), "    backend: uml\n");
  const Outcome ran = run(scenario);
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error << scenario;
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 5);
}

}  // namespace
}  // namespace violin::testing
