#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "emulator/results/build_info.hh"
#include "emulator/results/result_reader.hh"
#include "tests/realtime/hosts_fixture.hh"
#include "tests/support/agent_at_socket.hh"

// Runs on real hosts, of which there are two.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

void collect_descendants(pid_t of, std::vector<pid_t>& found) {
  for (const pid_t child : children_of(of)) {
    found.push_back(child);
    collect_descendants(child, found);
  }
}

class HostsRun : public HostsTest {
 protected:
  void SetUp() override {
    HostsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    write("hosts.yaml",
          "hosts:\n"
          "  a: { agent: a.sock, address: 10.9.0.1 }\n"
          "  b: { agent: b.sock, address: 10.9.0.2 }\n");
  }

  static std::vector<std::string> words(const std::string& out = "out") {
    return {"run",     "--clock", "real", "--hosts",      "hosts.yaml",
            "--force", "--out",   out,    "scenario.yaml"};
  }
  Outcome run_on_hosts(const std::string& scenario) const {
    write("scenario.yaml", scenario);
    return violin(words());
  }
  // What serves a run of an agent, and all that this started.
  std::vector<pid_t> processes_of(const std::optional<Violin>& agent) const {
    std::vector<pid_t> found;
    collect_descendants(agent->pid(), found);
    return found;
  }
  static bool all_are_gone(const std::vector<pid_t>& processes) {
    return eventually([&] {
      for (const pid_t process : processes) {
        if (fs::exists("/proc/" + std::to_string(process))) return false;
      }
      return true;
    });
  }
  // When time has begun.
  bool is_running(const Violin& run) const {
    return eventually([&] { return violin({"ls"}).output.find(" s  ") != std::string::npos; }) ||
           (ADD_FAILURE() << run.output() << run.error(), false);
  }
};

constexpr const char* kWorkloads = R"(workloads:
  - { name: rtt,    ping: { from: v/h1, to: v/h2, count: 20, interval: 20 ms } }
  - { name: model,  ping: { from: v/m1, to: v/h2, count: 20, interval: 20 ms } }
  - { name: stream, tcp:  { from: v/h1, to: v/h2, duration: 1 s } }
  - { name: path,   traceroute: { from: v/h1, to: v/h2 } }
  - { name: below,  ping: { from: underlay/a, to: underlay/b, count: 20, interval: 20 ms } }
  - { name: host,   tcp:  { from: underlay/b, to: underlay/a, at: 1 s, duration: 1 s } }
  - { name: who,    exec: { node: underlay/b, command: [ip, -brief, address] } }
capture: [v/h1:eth0]
snaplen: 96 B
)";

TEST_F(HostsRun, CarriesEverythingBetweenTwoHosts) {
  const Outcome ran = run_on_hosts(two_hosts(kWorkloads, "3 s"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"rtt", "model", "below"}) {
    EXPECT_EQ(outcome_of<PingResult>(name).received, 20) << name;
    for (const PingProbe& probe : outcome_of<PingResult>(name).probes) {
      EXPECT_GE(probe.sent, Time::zero()) << "by the clock of the scenario";
      EXPECT_LE(probe.sent, Time::zero() + Duration::seconds(3));
    }
  }
  EXPECT_GT(outcome_of<TcpResult>("stream").bytes, 1'000'000);
  EXPECT_GT(outcome_of<TcpResult>("host").bytes, 1'000'000);
  const auto path = outcome_of<TracerouteResult>("path");
  ASSERT_EQ(path.hops.size(), 2u);
  EXPECT_EQ(path.hops[1].node, "v/h2");
  EXPECT_NE(outcome_of<ExecResult>("who").output.find("10.9.0.2"), std::string::npos);
}

TEST_F(HostsRun, SaysThatTheUnderlayWasRealAndNothingOfLinksItDidNotEmulate) {
  const Outcome ran = run_on_hosts(two_hosts(kWorkloads, "3 s"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_NE(ran.output.find("measured over a real underlay"), std::string::npos) << ran.output;
  const RunResult all = result();
  EXPECT_EQ(all.identity.underlay, "real");
  for (const LinkResult& link : all.links) EXPECT_TRUE(link.name.starts_with("v/")) << link.name;
  for (const WorkloadResult& workload : all.workloads) {
    for (const PathStep& step : workload.path) {
      EXPECT_TRUE(step.link.starts_with("v/")) << step.link;
    }
  }
  ASSERT_TRUE(all.fidelity);
  ASSERT_EQ(all.fidelity->agents.size(), 2u);
  EXPECT_EQ(all.fidelity->clock_error(), Duration()) << "one machine, one clock";
  EXPECT_EQ(all.captures.size(), 1u);
  std::string notes;
  for (const RunEvent& event : all.event_log) {
    if (event.kind == "note") notes += event.text + "\n";
  }
  EXPECT_NE(notes.find("the underlay is real: "), std::string::npos) << notes;
  EXPECT_NE(notes.find("b was 10.9.0.2: "), std::string::npos) << notes;
}

TEST_F(HostsRun, GoesOverIPv6Too) {
  write("hosts.yaml",
        "hosts:\n"
        "  a: { agent: a.sock, address: 'fd09::1' }\n"
        "  b: { agent: b.sock, address: 'fd09::2' }\n");
  const Outcome ran = run_on_hosts(two_hosts(R"(workloads:
  - { name: rtt,   ping: { from: v/h1, to: v/h2, count: 10, interval: 20 ms } }
  - { name: below, ping: { from: underlay/a, to: underlay/b, count: 10, interval: 20 ms } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 10);
  EXPECT_EQ(outcome_of<PingResult>("below").received, 10);
}

// A run in which the link over the tunnel has this delay, and what it noted of it.
std::string with_delay(std::string scenario, const std::string& delay) {
  const std::string link = "[s1, r1]";
  return scenario.replace(scenario.find(link), link.size(), link + ", delay: " + delay);
}
bool notes_a_slow_underlay(const RunResult& result) {
  return std::any_of(result.event_log.begin(), result.event_log.end(), [](const RunEvent& event) {
    return event.text.find("longer than the link asks for") != std::string::npos;
  });
}

TEST_F(HostsRun, CountsTheUnderlaysDelayIntoTheLinksAndSaysWhereItIsLonger) {
  const std::string rtt = R"(workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 10, interval: 20 ms } }
)";
  ASSERT_EQ(run_on_hosts(with_delay(two_hosts(rtt), "20 ms")).status, 0);
  for (const PingProbe& probe : outcome_of<PingResult>("rtt").probes) {
    // There and back; a frame is stamped with the beginning of the round in which it is read.
    EXPECT_GE(probe.rtt.value(), Duration::milliseconds(35));
  }
  EXPECT_FALSE(notes_a_slow_underlay(result()));
  ASSERT_EQ(run_on_hosts(with_delay(two_hosts(rtt), "1 us")).status, 0);
  EXPECT_TRUE(notes_a_slow_underlay(result()));
}

TEST_F(HostsRun, AgreesOnTimeWithAMachineThatHasAnotherClock) {
  start_agents(5000);
  const Outcome ran = run_on_hosts(two_hosts(R"(workloads:
  - { name: there, ping: { from: v/h1, to: v/h2, count: 20, interval: 20 ms } }
  - { name: back,  ping: { from: v/h2, to: v/h1, count: 20, interval: 20 ms } }
)"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* name : {"there", "back"}) {
    const auto ping = outcome_of<PingResult>(name);
    EXPECT_EQ(ping.received, 20) << name;
    for (const PingProbe& probe : ping.probes) {
      EXPECT_GE(probe.sent, Time::zero()) << name;
      EXPECT_LE(probe.sent, Time::zero() + Duration::seconds(3)) << name;
    }
  }
  const RunResult all = result();
  ASSERT_EQ(all.fidelity->agents.size(), 2u);
  EXPECT_EQ(all.fidelity->agents[0].clock_error, Duration()) << "a has our clock";
  EXPECT_GT(all.fidelity->agents[1].clock_error, Duration());
  EXPECT_LT(all.fidelity->agents[1].clock_error, Duration::seconds(1));
  EXPECT_NE(ran.output.find(", clocks within "), std::string::npos) << ran.output;
}

TEST_F(HostsRun, RunsThePointsOfASweepOneAfterTheOther) {
  write("scenario.yaml", two_hosts("params: { n: 3 }\nsweep: { n: [3, 5] }\n"
                                   "workloads: [{ name: rtt, ping: { from: v/h1, to: v/h2, "
                                   "count: $n, interval: 20 ms } }]\n",
                                   "500 ms"));
  const Outcome ran = violin(words("swept"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const auto& [point, count] : {std::pair{"001", 3}, std::pair{"002", 5}}) {
    const RunResult one = read_result(folder() / "swept" / point);
    EXPECT_EQ(one.identity.underlay, "real");
    EXPECT_EQ(std::get<PingResult>(one.workloads.at(0).outcome).received, count);
  }
  // Which program made it, in a hidden file.
  fs::remove_all(folder() / "swept");
}

// ---- ends ---------------------------------------------------------------------------------------

TEST_F(HostsRun, LeavesNothingOnTheHostsWhenItsCoordinatorIsKilled) {
  write("scenario.yaml", two_hosts(R"(workloads:
  - { name: busy, exec: { node: v/h2, command: [sh, -c, "setsid sleep 1000 & sleep 1000"] } }
)",
                                   "60 s"));
  std::vector<pid_t> processes;
  {
    Violin killed(words("killed"), here());
    ASSERT_TRUE(is_running(killed));
    ASSERT_TRUE(eventually([&] {
      processes = processes_of(agent_b_);
      size_t sleepers = 0;
      for (const pid_t process : processes) {
        sleepers += command_of(process).starts_with("sleep 1000") ? 1 : 0;
      }
      return sleepers == 2;
    }));
    for (const pid_t process : processes_of(agent_a_)) processes.push_back(process);
    killed.signal(SIGKILL);
    killed.wait();
  }
  EXPECT_TRUE(all_are_gone(processes));
  EXPECT_EQ(violin({"clean", "--runs", "."}).status, 0);
  const Outcome next = run_on_hosts(two_hosts(
      "workloads: [{ name: rtt, ping: { from: v/h1, to: v/h2, count: 5, interval: 20 ms } }]\n"));
  EXPECT_EQ(next.status, 0) << next.output << next.error;
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 5);
}

TEST_F(HostsRun, ServesOneRunAtATimeAndSaysWhich) {
  write("scenario.yaml", two_hosts("", "60 s"));
  Violin first(words("first"), here());
  ASSERT_TRUE(is_running(first));
  const Outcome second = violin(words("second"));
  EXPECT_EQ(second.status, 3);
  EXPECT_NE(second.error.find("the agent of a could not be had for this run: the run two-" +
                              std::to_string(first.pid()) + " of "),
            std::string::npos)
      << second.error;
  first.signal(SIGINT);
  EXPECT_EQ(first.wait().status, 3) << "interrupted, with results";
  EXPECT_TRUE(fs::exists(folder() / "first" / "summary.json"));
  write("scenario.yaml", two_hosts("", "100 ms"));
  for (int i = 0; i < 3; ++i) {
    const Outcome next = violin(words());
    EXPECT_EQ(next.status, 0) << next.error << "run " << i << ", right after another one";
  }
}

TEST_F(HostsRun, NamesAnAgentThatDiedAndFreesTheOthers) {
  write("scenario.yaml", two_hosts("", "60 s"));
  Violin run(words(), here());
  ASSERT_TRUE(is_running(run));
  const std::vector<pid_t> processes = processes_of(agent_a_);
  agent_b_->signal(SIGKILL);
  const Outcome ended = run.wait();
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.error.find("the agent of b has ended its part of the run"), std::string::npos)
      << ended.error;
  EXPECT_TRUE(all_are_gone(processes));
  start_agent(agent_b_, "b.sock", *b_, 0);
  write("scenario.yaml", two_hosts("", "100 ms"));
  EXPECT_EQ(violin(words()).status, 0);
}

TEST_F(HostsRun, LetsPeopleLookIntoAllOfIt) {
  write("scenario.yaml", two_hosts("", "100 ms"));
  std::vector<std::string> held_words = words();
  held_words.insert(held_words.begin() + 1, "--hold");
  Violin held(held_words, here());
  ASSERT_TRUE(eventually([&] { return held.output().find("ends it") != std::string::npos; }))
      << held.output() << held.error();
  EXPECT_EQ(violin({"exec", "v/h2", "--", "uname", "-n"}).output, "h2\n");
  EXPECT_EQ(violin({"exec", "v/h1", "--", "ping", "-c1", "h2"}).status, 0);
  const Outcome below = violin({"exec", "underlay/b", "--", "ip", "-brief", "address"});
  EXPECT_NE(below.output.find("10.9.0.2"), std::string::npos) << below.output << below.error;
  held.signal(SIGTERM);
  EXPECT_EQ(held.wait().status, 0);
}

TEST_F(HostsRun, AnAgentThatIsAskedToEndLeavesNoSocket) {
  agent_a_->signal(SIGTERM);
  EXPECT_EQ(agent_a_->wait().status, 128 + SIGTERM);
  EXPECT_FALSE(fs::exists(folder() / "a.sock"));
}

TEST_F(HostsRun, AnAgentTakesThePlaceOfOneThatWasKilledAndOfNoOther) {
  agent_a_->signal(SIGKILL);
  agent_a_->wait();
  ASSERT_TRUE(fs::exists(folder() / "a.sock"));
  agent_a_.emplace(std::vector<std::string>{"agent", "--socket", "a.sock"}, here());
  EXPECT_TRUE(eventually([&] { return !children_of(agent_a_->pid()).empty(); }))
      << agent_a_->error();
  const Outcome third = violin({"agent", "--socket", "a.sock"});
  EXPECT_EQ(third.status, 3);
  EXPECT_NE(third.error.find("cannot listen at a.sock: Address already in use"), std::string::npos)
      << third.error;
}

TEST_F(HostsRun, AnAgentNeedsARightToTheNetworkItIsIn) {
  fs::permissions(folder(), fs::perms::all);
  Violin refused({"agent", "--socket", "mine.sock"}, here([] {
                   if (setgid(65534) != 0 || setuid(65534) != 0) _exit(125);
                 }));
  const Outcome ended = refused.wait();
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.error.find("an agent that stands by itself needs root: "), std::string::npos)
      << ended.error;
  EXPECT_FALSE(fs::exists(folder() / "mine.sock"));
}

// ---- what goes wrong ----------------------------------------------------------------------------

TEST_F(HostsRun, SaysWhichAgentIsNotThere) {
  write("hosts.yaml",
        "hosts:\n  a: { agent: a.sock, address: 10.9.0.1 }\n"
        "  b: { agent: nowhere.sock, address: 10.9.0.2 }\n");
  const Outcome ran = run_on_hosts(two_hosts(""));
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("the agent of b does not answer at nowhere.sock: there is no socket"),
            std::string::npos)
      << ran.error;
  EXPECT_FALSE(fs::exists(folder() / "out"));
}

TEST_F(HostsRun, SaysWhereItsHostsFileIsWrong) {
  write("hosts.yaml", "hosts:\n  a: { agent: a.sock, address: 10.9.0.1 }\n");
  const Outcome missing = run_on_hosts(two_hosts(""));
  EXPECT_EQ(missing.status, 2);
  EXPECT_NE(missing.error.find("hosts.yaml:2:3: the host b is missing"), std::string::npos)
      << missing.error;
  EXPECT_EQ(violin({"run", "--clock", "real", "--hosts", "none", "scenario.yaml"}).status, 2);
  const Outcome simulated = violin({"run", "--hosts", "hosts.yaml", "scenario.yaml"});
  EXPECT_EQ(simulated.status, 2);
  EXPECT_NE(simulated.error.find("the underlay is simulated: add --clock real"), std::string::npos)
      << simulated.error;
}

// Of the first version that had agents.
class OldAgent final : public agent::v1::Agent::Service {
 public:
  grpc::Status Describe(grpc::ServerContext*, const agent::v1::DescribeRequest*,
                        agent::v1::Description* reply) override {
    reply->set_version("0.0.1");
    return grpc::Status::OK;
  }
};

TEST_F(HostsRun, RefusesAnAgentOfAnotherVersion) {
  OldAgent old;
  const AgentAtSocket agent(old);
  write("hosts.yaml", "hosts:\n  a: { agent: a.sock, address: 10.9.0.1 }\n  b: { agent: " +
                          agent.socket().string() + ", address: 10.9.0.2 }\n");
  const Outcome ran = run_on_hosts(two_hosts(""));
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.error.find("the agent of b is of version 0.0.1 ("), std::string::npos) << ran.error;
  EXPECT_NE(ran.error.find("this program of version " + program_version()), std::string::npos)
      << ran.error;
}

}  // namespace
}  // namespace violin::testing
