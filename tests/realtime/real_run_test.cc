#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>

#include "tests/realtime/run_fixture.hh"

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

class RealRun : public RunTest {};

std::string workload(const std::string& one) { return "workloads:\n  - { " + one + " }\n"; }

TEST_F(RealRun, PingsBetweenRealHostsOverATunnel) {
  const Outcome ran = run(
      two_hosts(workload("name: rtt, ping: { from: v/h1, to: v/h2, count: 20, interval: 20 ms }")));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const auto ping = outcome_of<PingResult>("rtt");
  EXPECT_EQ(ping.sent, 20);
  EXPECT_EQ(ping.received, 20);
  for (const PingProbe& probe : ping.probes) {
    ASSERT_TRUE(probe.rtt);
    EXPECT_GE(*probe.rtt, Duration::milliseconds(10)) << "the underlay's delay, there and back";
  }
}

TEST_F(RealRun, PingsBetweenAModelAndARealHostBothWays) {
  const Outcome ran = run(two_hosts(R"(workloads:
  - { name: out,  ping: { from: v/m1, to: v/h1, count: 10, interval: 20 ms } }
  - { name: back, ping: { from: v/h1, to: v/m1, count: 10, interval: 20 ms } }
  - { name: far,  ping: { from: v/m1, to: v/h2, count: 10, interval: 20 ms } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"out", "back", "far"}) {
    EXPECT_EQ(outcome_of<PingResult>(name).received, 10) << name;
  }
}

TEST_F(RealRun, CarriesTcpAndUdp) {
  const Outcome ran = run(two_hosts(R"(workloads:
  - { name: stream, tcp: { from: v/h1, to: v/h2, at: 0 s, duration: 1 s, congestion: cubic } }
  - { name: grams,  udp: { from: v/h2, to: v/h1, at: 1.2 s, duration: 500 ms, rate: 1 Mbit/s, size: 1000 B } }
)",
                                    "3 s"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const auto tcp = outcome_of<TcpResult>("stream");
  EXPECT_GT(tcp.bytes, 100'000);
  EXPECT_LT(tcp.goodput_bps, 100e6) << "the underlay's link";
  const auto udp = outcome_of<UdpResult>("grams");
  EXPECT_GT(udp.sent, 50);
  EXPECT_EQ(udp.received, udp.sent);
}

TEST_F(RealRun, ShowsTraceroutesTheHopsOfTheVirtualNetworkOnly) {
  const Outcome ran =
      run(two_hosts(workload("name: path, traceroute: { from: v/h1, to: v/h2 }"), "3 s"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const auto trace = outcome_of<TracerouteResult>("path");
  EXPECT_TRUE(trace.reached);
  ASSERT_EQ(trace.hops.size(), 2u);
  EXPECT_EQ(trace.hops[0].node, "v/r1");
  EXPECT_EQ(trace.hops[1].node, "v/h2");
}

TEST_F(RealRun, KeepsTheStatusAndOutputOfAProgram) {
  const Outcome ran = run(two_hosts(workload(
      R"(name: odd, exec: { node: v/h1, command: [sh, -c, "echo said; echo wrong >&2; exit 7"] })")));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<ExecResult>("odd").status, 7);
  EXPECT_EQ(outcome_of<ExecResult>("odd").output, "said\nwrong\n");
}

TEST_F(RealRun, GivesTcpADefaultOfItsOwnNotTheMachines) {
  const Outcome ran = run(two_hosts(workload(
      "name: which, exec: { node: v/h1, command: [cat, /proc/sys/net/ipv4/tcp_congestion_control] "
      "}")));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const std::string name = outcome_of<ExecResult>("which").output;
  EXPECT_TRUE(name == "cubic\n" || name == "reno\n") << name;
}

TEST_F(RealRun, RunsProgramsAsNobodyUnlessRootIsAskedFor) {
  const Outcome ran = run(two_hosts(R"(workloads:
  - { name: user, exec: { node: v/h1, command: [id, -un] } }
  - { name: root, exec: { node: v/h1, command: [id, -un], user: root } }
  - { name: may,  exec: { node: v/h1, command: [ip, link, set, eth0, down] } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<ExecResult>("user").output, "nobody\n");
  EXPECT_EQ(outcome_of<ExecResult>("root").output, "root\n");
  EXPECT_NE(outcome_of<ExecResult>("may").status, 0);
}

TEST_F(RealRun, GivesHostsTheNamesOfTheirOwnNetworkAndNoOther) {
  const Outcome ran = run(two_hosts(R"(workloads:
  - { name: inside,  exec: { node: v/h2, command: [cat, /etc/hosts] } }
  - { name: outside, exec: { node: underlay/a, command: [cat, /etc/hosts] } }
  - { name: by_name, exec: { node: v/h1, command: [ping, -c1, h2] } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const std::string inside = outcome_of<ExecResult>("inside").output;
  const std::string outside = outcome_of<ExecResult>("outside").output;
  for (const char* name : {" h1\n", " h2\n", " r1\n"}) {
    EXPECT_NE(inside.find(name), std::string::npos) << inside;
    EXPECT_EQ(outside.find(name), std::string::npos) << outside;
  }
  EXPECT_EQ(inside.find(" a\n"), std::string::npos) << inside;
  EXPECT_NE(outside.find(" a\n"), std::string::npos) << outside;
  EXPECT_EQ(outcome_of<ExecResult>("by_name").status, 0);
}

// ---- captures -----------------------------------------------------------------------------------

struct Captured {
  int64_t at_ns = 0;
  std::string bytes;
};

// Of a file whose times are nanoseconds (pcap-savefile(5)), written by a machine like this one.
std::vector<Captured> captured_in(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  const auto word = [&all](size_t at) {
    uint32_t value = 0;
    std::memcpy(&value, all.data() + at, sizeof value);
    return value;
  };
  std::vector<Captured> frames;
  if (all.size() < 24 || word(0) != 0xa1b23c4d) return frames;
  for (size_t at = 24; at + 16 <= all.size(); at += 16 + word(at + 8)) {
    frames.push_back(
        {int64_t{word(at)} * 1'000'000'000 + word(at + 4), all.substr(at + 16, word(at + 8))});
  }
  return frames;
}

bool is_echo(const Captured& frame, char type) {
  return frame.bytes.size() == 98 && frame.bytes[23] == 1 && frame.bytes[34] == type;
}

TEST_F(RealRun, CapturesTheFramesOfAnInterfaceWithNanosecondTimes) {
  const Outcome ran = run(
      two_hosts(workload("name: rtt, ping: { from: v/h1, to: v/h2, count: 10, interval: 20 ms }") +
                "capture: [v/h1:eth0, underlay/a:eth0]\n"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  int requests = 0, replies = 0;
  bool between_microseconds = false;
  int64_t last = 0;
  for (const Captured& frame : captured_in(folder() / "out/pcap/v.h1.eth0.pcap")) {
    requests += is_echo(frame, 8) ? 1 : 0;
    replies += is_echo(frame, 0) ? 1 : 0;
    between_microseconds = between_microseconds || frame.at_ns % 1000 != 0;
    EXPECT_GE(frame.at_ns, last);
    last = frame.at_ns;
  }
  EXPECT_EQ(requests, 10);
  EXPECT_EQ(replies, 10);
  EXPECT_TRUE(between_microseconds);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  EXPECT_NEAR(static_cast<double>(last), static_cast<double>(now_ns), 60e9);
  // What the files call time 0 is what the results say they do.
  const Time at = Time::from_ns(last - result().identity.epoch_ns);
  EXPECT_GE(at, Time::zero());
  EXPECT_LE(at, Time::zero() + Duration::seconds(2));
  // On the underlay nothing but datagrams of tunnels, and what it takes to send them.
  size_t datagrams = 0;
  for (const Captured& frame : captured_in(folder() / "out/pcap/underlay.a.eth0.pcap")) {
    EXPECT_FALSE(is_echo(frame, 8));
    if (frame.bytes.size() > 42 && frame.bytes[12] == 8 && frame.bytes[13] == 0) {
      EXPECT_EQ(frame.bytes[23], 17);
      ++datagrams;
    }
  }
  EXPECT_GE(datagrams, 20u);
}

// ---- what goes wrong ----------------------------------------------------------------------------

TEST_F(RealRun, FailsWithAnExpectationAndKeepsTheResults) {
  const Outcome ran = run(
      two_hosts(workload("name: rtt, ping: { from: v/h1, to: v/h2, count: 5, interval: 20 ms }") +
                "expect: [rtt.rtt.min <= 1 ms]\n"));
  EXPECT_EQ(ran.status, 1) << ran.output << ran.error;
  EXPECT_EQ(result().expectations.size(), 1u);
}

TEST_F(RealRun, RefusesAnOverlayHostWithAKernelOfItsOwn) {
  std::string scenario = two_hosts("");
  const std::string host = "a: { kind: host }";
  scenario.replace(scenario.find(host), host.size(), "a: { kind: host, backend: uml }");
  const Outcome ran = run(scenario);
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("agents live on overlay hosts that share this kernel, and these are "
                           "uml: underlay/a"),
            std::string::npos)
      << ran.error;
}

TEST_F(RealRun, SaysWhereAScenarioIsWrong) {
  const Outcome ran =
      run(two_hosts("workloads: [{ name: rtt, ping: { from: v/h1, to: v/h9 } }]\n"));
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.error.find("scenario.yaml:23:50: "), std::string::npos) << ran.error;
  EXPECT_NE(ran.error.find("h9"), std::string::npos) << ran.error;
  EXPECT_FALSE(fs::exists(folder() / "out"));
}

TEST_F(RealRun, RefusesToHoldWhatTheVirtualClockNeverMade) {
  write("scenario.yaml", two_hosts(""));
  const Outcome ran = violin({"run", "--hold", "--out", "out", "scenario.yaml"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.error.find("add --clock real"), std::string::npos) << ran.error;
}

// In mounts of its own.
void hide_tun() {
  const bool hidden =
      unshare(CLONE_NEWNS) == 0 && mount("none", "/dev/net", "tmpfs", 0, nullptr) == 0;
  if (!hidden) _exit(125);
}

TEST_F(RealRun, SaysWhatIsMissingAndLeavesNothingWhenItCannotStart) {
  const Outcome ran = run(two_hosts(""), hide_tun);
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("cannot open /dev/net/tun: No such file"), std::string::npos)
      << ran.error;
  EXPECT_FALSE(fs::exists(folder() / "out"));
}

TEST_F(RealRun, SaysThatDescriptorsRanOut) {
  std::string text =
      "violin: 1\nname: many\nduration: 1 s\nviolins:\n  v:\n    nodes:\n"
      "      s: { kind: switch }\n      h1..h40: { kind: host }\n"
      "    links: [{ endpoints: [h1..h40, s] }]\n";
  const Outcome ran = run(text, [] {
    const rlimit few = {.rlim_cur = 64, .rlim_max = 64};
    setrlimit(RLIMIT_NOFILE, &few);
  });
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("Too many open files"), std::string::npos) << ran.error;
  EXPECT_NE(ran.error.find("the agent of this machine"), std::string::npos) << ran.error;
  EXPECT_FALSE(fs::exists(folder() / "out"));
}

TEST_F(RealRun, SaysWhichWorkloadsHadNotBegunWhenItWasInterrupted) {
  write("scenario.yaml", two_hosts(R"(workloads:
  - { name: ping,  ping: { from: v/h1, to: v/h2, count: 10, at: 40 s } }
  - { name: trace, traceroute: { from: v/h1, to: v/h2, at: 40 s } }
  - { name: bulk,  tcp: { from: v/h1, to: v/h2, at: 40 s, duration: 1 s } }
  - { name: sized, tcp: { from: v/h1, to: v/h2, at: 40 s, size: 1 MB } }
  - { name: grams, udp: { from: v/h1, to: v/h2, at: 40 s, rate: 1 Mbit/s, duration: 1 s } }
  - { name: own,   exec: { node: v/h1, command: [id], at: 40 s } }
)",
                                   "60 s"));
  Violin interrupted({"run", "--clock", "real", "--out", "out", "scenario.yaml"}, here());
  ASSERT_TRUE(eventually([&] { return violin({"ls"}).output.find(" s  ") != std::string::npos; }))
      << interrupted.error();
  interrupted.signal(SIGINT);
  const Outcome ran = interrupted.wait();
  EXPECT_EQ(ran.status, 3) << ran.output << ran.error;
  for (const char* name : {"ping", "trace", "bulk", "sized", "grams", "own"}) {
    EXPECT_NE(ran.output.find("FAILED: " + std::string(name) +
                              ": the run was interrupted before it began"),
              std::string::npos)
        << name << " in " << ran.output << ran.error;
  }
  EXPECT_TRUE(result().interrupted);
}

// ---- an ordinary user ---------------------------------------------------------------------------

// An ordinary user, for whom /dev/net/tun has these rights.
void become_nobody(mode_t tun) {
  constexpr uid_t kNobody = 65534;
  const char* place = "/mnt";
  const bool ready =
      unshare(CLONE_NEWNS) == 0 && mount("none", place, "tmpfs", 0, "mode=0755") == 0 &&
      mknod("/mnt/tun", S_IFCHR | tun, makedev(10, 200)) == 0 && chmod("/mnt/tun", tun) == 0 &&
      mount("/mnt/tun", "/dev/net/tun", nullptr, MS_BIND, nullptr) == 0 && setgid(kNobody) == 0 &&
      setuid(kNobody) == 0;
  if (!ready) _exit(125);
}

bool user_namespaces_are_allowed() {
  const pid_t child = fork();
  if (child == 0) _exit(setuid(65534) == 0 && unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0;
}

// On a machine where everybody may make TAP devices, as is usual.
TEST_F(RealRun, IsForOrdinaryUsersToo) {
  if (!user_namespaces_are_allowed()) GTEST_SKIP() << "needs user namespaces for everybody";
  fs::permissions(folder(), fs::perms::all);
  const Outcome ran = run(two_hosts(R"(workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 10, interval: 20 ms } }
  - { name: who, exec: { node: v/h1, command: [sh, -c, "ip link set eth0 down || echo refused"] } }
)"),
                          [] { become_nobody(0666); });
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 10);
  EXPECT_NE(outcome_of<ExecResult>("who").output.find("refused"), std::string::npos);
}

TEST_F(RealRun, TellsOrdinaryUsersWhatWouldLetThemMakeInterfaces) {
  if (!user_namespaces_are_allowed()) GTEST_SKIP() << "needs user namespaces for everybody";
  fs::permissions(folder(), fs::perms::all);
  const Outcome ran = run(two_hosts(""), [] { become_nobody(0600); });
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("cannot open /dev/net/tun to make virtual interfaces (run as root, or "
                           "let everybody open it: chmod 0666 /dev/net/tun): Permission denied"),
            std::string::npos)
      << ran.error;
}

}  // namespace
}  // namespace violin::testing
