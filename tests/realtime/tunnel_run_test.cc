#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tests/realtime/run_fixture.hh"

// Tunnels between the kernels of overlay hosts, when the network below is not as it should be, when
// there are many of them, and when they run for long.

namespace violin::testing {
namespace {

class TunnelRun : public RunTest {};

// ---- the path's MTU
// -------------------------------------------------------------------------------

// h1 on a ==tunnel== h2 on b, a kernel's router between a and b. Soon after the beginning its link
// to b takes no packets above 1300 bytes any more, and nothing in the scenario says so to the
// tunnel. Pings are of 1300 bytes inside, which is one datagram and too long, and of 500.
std::string narrowed(const std::string& network, const std::string& also = "true") {
  return R"(violin: 1
name: narrow
duration: 2500 ms
underlay:
  nodes: { a: { kind: host }, b: { kind: host }, r: { kind: router, backend: netns } }
  links:
    - { endpoints: [{ node: a, address: )" +
         network + "1:2/112 }, { node: r, address: " + network + R"(1:1/112 }], delay: 1 ms }
    - { endpoints: [{ node: b, address: )" +
         network + "2:2/112 }, { node: r, address: " + network + R"(2:1/112 }], delay: 1 ms }
violins:
  v:
    encryption: aes-256-gcm
    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }
    links: [{ endpoints: [h1, h2], rate: 20 Mbit/s }]
workloads:
  - { name: narrow, exec: { node: underlay/r, at: 100 ms, user: root,
                            command: [sh, -c, "ip link set eth1 mtu 1300 && )" +
         also + R"("] } }
  - { name: large, exec: { node: v/h1, at: 500 ms, command: [ping, -c5, -i0.2, -W1, -Mdo, -s1300, h2] } }
  - { name: small, exec: { node: v/h1, at: 500 ms, command: [ping, -c5, -i0.2, -W1, -Mdo, -s500, h2] } }
  - { name: stream, tcp: { from: v/h1, to: v/h2, at: 1600 ms, duration: 800 ms } }
)";
}

std::string in_v4(std::string scenario) {
  for (const auto& [from, to] : {std::pair{"1:2/112", "1.2/24"},
                                 {"1:1/112", "1.1/24"},
                                 {"2:2/112", "2.2/24"},
                                 {"2:1/112", "2.1/24"}}) {
    scenario.replace(scenario.find(from), std::string(from).size(), to);
  }
  return scenario;
}

TEST_F(TunnelRun, LearnsTheMtuOfThePathFromTheRouterThatFindsADatagramTooLong) {
  for (const std::string& scenario : {in_v4(narrowed("192.168.")), narrowed("fd00:1::")}) {
    const Outcome ran = run(scenario);
    ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
    EXPECT_EQ(outcome_of<ExecResult>("narrow").status, 0);
    const std::string large = outcome_of<ExecResult>("large").output;
    EXPECT_NE(large.find("5 packets transmitted, 4 received"), std::string::npos)
        << "all but the one that finds it out\n"
        << large;
    EXPECT_GT(outcome_of<TcpResult>("stream").bytes, 300'000);
  }
}

// The control, and a limit: where nobody says that it was too long, nothing is found out.
TEST_F(TunnelRun, LosesWhatIsTooLongForAPathThatSaysNothing) {
  const Outcome ran = run(in_v4(narrowed("192.168.", "ip rule add pref 1 ipproto icmp blackhole")));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<ExecResult>("narrow").status, 0) << outcome_of<ExecResult>("narrow").output;
  EXPECT_EQ(outcome_of<ExecResult>("small").status, 0) << outcome_of<ExecResult>("small").output;
  const std::string large = outcome_of<ExecResult>("large").output;
  EXPECT_NE(large.find(" 0 received"), std::string::npos) << large;
}

// ---- many
// -----------------------------------------------------------------------------------------

TEST_F(TunnelRun, AThousandTunnelsBetweenTwoHostsAreJoined) {
  const Outcome ran = run(R"(violin: 1
name: thousand
duration: 1 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [{ endpoints: [a, b], delay: 1 ms, rate: 1 Gbit/s }]
violins:
  v:
    encryption: aes-256-gcm
    nodes:
      m1..m1000: { kind: host, place: a, backend: model }
      n1..n1000: { kind: host, place: b, backend: model }
    links: [{ endpoints: [m1..m1000, n1..n1000] }]
workloads:
  - { name: first,  ping: { from: v/m1,    to: v/n1,    count: 5, interval: 100 ms } }
  - { name: middle, ping: { from: v/m500,  to: v/n500,  count: 5, interval: 100 ms } }
  - { name: last,   ping: { from: v/n1000, to: v/m1000, count: 5, interval: 100 ms } }
)");
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"first", "middle", "last"}) {
    EXPECT_EQ(outcome_of<PingResult>(name).received, 5) << name;
  }
}

// ---- a bad network
// --------------------------------------------------------------------------------

// h1 and h2, one on each end of a link of the underlay of this kind.
std::string over(const std::string& link, const std::string& rest,
                 const std::string& duration = "2 s") {
  return "violin: 1\nname: bad\nduration: " + duration +
         "\nunderlay:\n  nodes: { a: { kind: host }, b: { kind: host } }\n"
         "  links: [{ endpoints: [a, b], " +
         link + R"( }]
violins:
  v:
    encryption: chacha20-poly1305
    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }
    links: [{ endpoints: [h1, h2] }]
)" + rest;
}

TEST_F(TunnelRun, JoinsWhenAThirdOfAllIsLost) {
  const Outcome ran = run(over("delay: 1 ms, loss: 30 %",
                               "workloads:\n  - { name: below, ping: { from: underlay/a, "
                               "to: underlay/b, count: 40, interval: 20 ms, timeout: 500 ms } }\n",
                               "1 s"));
  // No run begins before all tunnels are joined.
  EXPECT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_LT(outcome_of<PingResult>("below").received, 36) << "that much is lost";
}

TEST_F(TunnelRun, SaysWhichTunnelCouldNotBeJoinedWhenAllIsLost) {
  const Outcome ran = run(over("delay: 1 ms, loss: 100 %", ""));
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("v/h1--h2 "), std::string::npos) << ran.error;
  EXPECT_NE(ran.error.find("joined"), std::string::npos) << ran.error;
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
}

TEST_F(TunnelRun, GoesOnWhenTheLinkBelowComesBack) {
  std::string rest =
      "workloads:\n"
      "  - { name: stream, tcp: { from: v/h1, to: v/h2, duration: 2500 ms } }\n"
      "  - { name: rtt, ping: { from: v/h2, to: v/h1, at: 2700 ms, count: 20, interval: 20 ms } }\n"
      "events:\n";
  for (const char* at : {"300 ms", "700 ms", "1100 ms", "1500 ms"}) {
    rest += std::string("  - { at: ") + at + ", down: underlay/a--b, for: 100 ms }\n";
  }
  const Outcome ran = run(over("delay: 1 ms, rate: 20 Mbit/s", rest, "4 s"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_GT(outcome_of<TcpResult>("stream").bytes, 500'000);
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 20);
}

TEST_F(TunnelRun, CarriesTcpThroughAQueueOfOnePacket) {
  const Outcome ran = run(
      over("delay: 1 ms, rate: 20 Mbit/s, queue: { kind: droptail, limit: 1 packet }",
           "workloads:\n  - { name: stream, tcp: { from: v/h1, to: v/h2, duration: 1500 ms } }\n"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_GT(outcome_of<TcpResult>("stream").bytes, 50'000);
  const LinkResult below = result().links.at(0);
  EXPECT_GT(below.a_to_b.drops[static_cast<size_t>(DropReason::kQueueFull)], 0u);
}

// ---- few descriptors
// ------------------------------------------------------------------------------

TEST_F(TunnelRun, WorksOrSaysWhyNotWithHoweverFewDescriptors) {
  write("scenario.yaml", over("delay: 1 ms", "", "100 ms"));
  int worked = 0, refused = 0;
  for (rlim_t limit = 8; limit <= 200; limit += limit < 48 ? 8 : 48) {
    SCOPED_TRACE("with " + std::to_string(limit) + " descriptors");
    Violin limited({"run", "--clock", "real", "--force", "--out", "out", "scenario.yaml"},
                   here([limit] {
                     const rlimit few = {.rlim_cur = limit, .rlim_max = limit};
                     setrlimit(RLIMIT_NOFILE, &few);
                   }));
    const Outcome ran = limited.wait();
    ++(ran.status == 0 ? worked : refused);
    if (ran.status != 0) {
      EXPECT_EQ(ran.status, 3) << ran.error;
      EXPECT_NE(ran.error, "");
    }
    EXPECT_TRUE(all_ended());
    EXPECT_EQ(leftovers(), "");
  }
  EXPECT_GT(worked, 0);
  EXPECT_GT(refused, 0);
}

// ---- for long
// -------------------------------------------------------------------------------------

// How long the soak is, s: enough for a look, or as long as the environment says.
int soak_seconds() {
  const char* asked = std::getenv("VIOLIN_SOAK_S");
  return asked == nullptr ? 5 : std::atoi(asked);
}

std::vector<pid_t> tree_of(pid_t root) {
  std::vector<pid_t> all = {root};
  for (size_t i = 0; i < all.size(); ++i) {
    for (const pid_t child : children_of(all[i])) all.push_back(child);
  }
  return all;
}

// Resident memory of violin's own processes among a run's, KiB.
int64_t memory_of(pid_t run) {
  int64_t sum = 0;
  for (const pid_t process : tree_of(run)) {
    if (command_of(process).find(VIOLIN_BINARY) != 0) continue;
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string word; status >> word;) {
      int64_t size = 0;
      if (word == "VmRSS:" && status >> size) sum += size;
    }
  }
  return sum;
}

TEST_F(TunnelRun, HoldsNoMoreMemoryTheLongerItRuns) {
  const int seconds = soak_seconds();
  // The workloads end before the run does: the queue below takes most of a second to run empty.
  const auto span = [](int length) { return std::to_string(length) + " s"; };
  write("scenario.yaml",
        over("delay: 1 ms, rate: 20 Mbit/s",
             "workloads:\n  - { name: stream, tcp: { from: v/h1, to: v/h2, duration: " +
                 span(seconds - 2) +
                 " } }\n  - { name: grams, udp: { from: v/h2, to: v/h1, duration: " +
                 span(seconds - 2) + ", rate: 1 Mbit/s, size: 400 B } }\n" +
                 "  - { name: rtt, ping: { from: v/h1, to: v/h2, count: " +
                 std::to_string((seconds - 2) * 20) + ", interval: 50 ms } }\n",
             span(seconds)));
  Violin soak({"run", "--clock", "real", "--out", "out", "scenario.yaml"}, here());
  std::vector<int64_t> samples;
  const auto began = std::chrono::steady_clock::now();
  const auto running_for = [&](double fraction) {
    const std::chrono::duration<double> so_far = std::chrono::steady_clock::now() - began;
    return so_far.count() > fraction * seconds;
  };
  for (const double fraction : {0.4, 0.9}) {
    ASSERT_TRUE(
        eventually([&] { return running_for(fraction) || soak.has_ended(); }, seconds + 30));
    samples.push_back(memory_of(soak.pid()));
  }
  ASSERT_TRUE(eventually([&] { return soak.has_ended(); }, seconds + 30));
  const Outcome ran = soak.wait();
  ASSERT_EQ(ran.status, 0) << ran.error;
  std::cout << "resident: " << samples[0] << " KiB, then " << samples[1] << " KiB\n";
  ASSERT_GT(samples[0], 10'000);
  // What may grow is what is measured, series and the output of programs, and the memory of frames,
  // up to the most that was ever under way at once.
  EXPECT_LT(samples[1] - samples[0], 4096 + 4 * seconds);
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, outcome_of<PingResult>("rtt").sent);
}

// Nobody else notices, and its descriptor, readable for ever then, keeps nobody busy.
TEST_F(TunnelRun, GoesOnWithoutAnInterfaceThatRootOfAHostHasRemoved) {
  const Outcome ran = run(two_hosts(R"(workloads:
  - { name: remove, exec: { node: v/h1, at: 300 ms, user: root, command: [ip, link, delete, eth0] } }
  - { name: gone, ping: { from: v/m1, to: v/h1, at: 600 ms, count: 5, interval: 50 ms } }
  - { name: there, ping: { from: v/m1, to: v/h2, at: 600 ms, count: 20, interval: 50 ms } }
events:
  - { at: 700 ms, down: v/h1, for: 100 ms }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<ExecResult>("remove").status, 0);
  EXPECT_EQ(outcome_of<PingResult>("gone").received, 0);
  EXPECT_EQ(outcome_of<PingResult>("there").received, 20);
  EXPECT_EQ(drops_of(result(), "v/h1", DropReason::kPortRefused), 0u);
  EXPECT_GE(drops_of(result(), "v/h1", DropReason::kNodeDown), 1u);
}

}  // namespace
}  // namespace violin::testing
