#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "emulator/deployment/agent_client.hh"
#include "emulator/deployment/agent_reservation.hh"
#include "emulator/os/child_process.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/tunnel/join_message.hh"
#include "models/tunnel/tunnel_header.hh"
#include "tests/realtime/hosts_fixture.hh"
#include "tests/support/hex.hh"

// A stranger beside host a who tries to join a link that host b admits a to. The test does what a
// coordinator does, with keys that it knows: those of a run are written nowhere. What is refused is
// each time shown to be taken by the same hand when nothing is wrong with it.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

// h1 on a pings h2 on b, both models, for as long as anybody looks.
constexpr const char* kScenario = R"(violin: 1
name: joins
duration: 60 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [{ endpoints: [a, b] }]
violins:
  v:
    encryption: aes-256-gcm
    nodes:
      h1: { kind: host, place: a, backend: model }
      h2: { kind: host, place: b, backend: model }
    links: [{ endpoints: [h1, h2] }]
workloads:
  - { name: rtt, ping: { from: v/h1, to: v/h2, count: 2900, interval: 20 ms, timeout: 1 s } }
)";
constexpr const char* kJoins = "underlay/b.joins";
constexpr const char* kTunnel = "v/h1--h2.h2->h1.tunnel";

class JoinIsolation : public HostsTest {
 protected:
  void SetUp() override {
    HostsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    require_sodium();
    for (const char* host : {"a", "b"}) keys_[host] = KeyPair::generate(system_secrets());
    violin_ = SecretKey::generate(system_secrets());
  }
  void TearDown() override {
    parts_.clear();
    HostsTest::TearDown();
  }

  // Has the agent of a host make its part of the run.
  AgentClient& build(const std::string& host) {
    Part& part = parts_[host];
    part.agent =
        std::make_unique<AgentClient>(host, folder() / (host + ".sock"), std::chrono::seconds(20));
    part.reservation = std::make_unique<AgentReservation>(*part.agent, "joins");
    SliceOrder order;
    order.run = "joins";
    order.scenario = kScenario;
    order.slice = host;
    order.secrets.own = keys_.at(host);
    for (const auto& [name, keys] : keys_) order.secrets.hosts[name] = keys.open;
    order.secrets.violins["v"] = violin_;
    order.underlay = {{"a", *IpAddress::parse("10.9.0.1")}, {"b", *IpAddress::parse("10.9.0.2")}};
    part.agent->build(order);
    return *part.agent;
  }
  void start() {
    std::vector<std::future<void>> connecting;
    for (const auto& [host, part] : parts_) {
      connecting.push_back(std::async(std::launch::async, [agent = part.agent.get()] {
        agent->connect(std::chrono::seconds(20));
      }));
    }
    for (std::future<void>& connected : connecting) connected.get();
    const int64_t zero = ScenarioClock::monotonic_ns();
    for (const auto& [host, part] : parts_) part.agent->start({zero, 0});
  }
  // What the part of a host measured.
  RunResult finish(const std::string& host) {
    parts_.at(host).agent->finish(folder() / host);
    return read_result(folder() / host);
  }
  static PingResult pings(const RunResult& at_a) {
    return std::get<PingResult>(at_a.workloads.at(0).outcome);
  }

  // The stranger's program, beside a.
  ChildProcess stranger(Words words) const {
    words.insert(words.begin(), VIOLIN_JOIN_INTRUDER);
    const EnteredNamespace inside(*a_);
    return ChildProcess(words, {folder() / "said", {}});
  }
  std::string said() const {
    std::ifstream in(folder() / "said");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string intrude(const Words& words) const {
    stranger(words).wait();
    return said();
  }
  std::string try_to_join(const SecretKey& own, const SecretKey& violin) const {
    return intrude({"join", "10.9.0.2", "v", "h1--h2", to_hex(own.bytes()),
                    to_hex(keys_.at("b").open), to_hex(violin.bytes())});
  }
  std::string captured() const { return folder() / "captured"; }
  // Returns when it listens.
  ChildProcess begin_capture() const {
    ChildProcess capture = stranger({"capture", "eth0", captured()});
    EXPECT_TRUE(eventually([&] { return said() == "listening\n"; })) << said();
    return capture;
  }

  // UDP ports of b that are bound.
  std::set<int> ports_of_b() const {
    const EnteredNamespace inside(*b_);
    std::istringstream table(read_file("/proc/thread-self/net/udp"));
    std::set<int> ports;
    std::string line;
    std::getline(table, line);  // its header
    while (std::getline(table, line)) {
      const size_t address = line.find(':') + 2;
      ports.insert(std::stoi(line.substr(line.find(':', address) + 1, 4), nullptr, 16));
    }
    return ports;
  }

  struct Part {
    std::unique_ptr<AgentClient> agent;
    std::unique_ptr<AgentReservation> reservation;
  };
  std::map<std::string, Part> parts_;
  std::map<std::string, KeyPair> keys_;
  SecretKey violin_;
};

TEST_F(JoinIsolation, WhoLacksAKeyJoinsNothingAndIsCounted) {
  build("a");
  build("b");
  start();
  const SecretKey unknown = SecretKey::generate(system_secrets());
  const SecretKey other = SecretKey::generate(system_secrets());
  EXPECT_EQ(try_to_join(unknown, other), "answered 0, not joined\n");
  EXPECT_EQ(try_to_join(unknown, violin_), "answered 0, not joined\n");
  // Who has stolen the key of a host, but not the violin's: what he gets he cannot read.
  EXPECT_EQ(try_to_join(keys_.at("a").secret, other), "answered 1, not joined\n");
  const RunResult at_a = finish("a"), at_b = finish("b");
  // Two requests of nobody that b knows, and three confirmations of keys that nobody has.
  EXPECT_EQ(drops_of(at_b, kJoins, DropReason::kUnauthentic), 5u);
  for (const NodeResult& node : at_b.nodes) {
    EXPECT_EQ(total(node.drops), node.name == kJoins ? 5u : 0u) << node.name;
  }
  EXPECT_GT(pings(at_a).sent, 20);
  EXPECT_GE(pings(at_a).received, pings(at_a).sent - 1) << "but one that is under way";
}

TEST_F(JoinIsolation, WhoHasEveryKeyJoinsAndTheTunnelIsHis) {
  build("a");
  build("b");
  start();
  EXPECT_EQ(try_to_join(keys_.at("a").secret, violin_), "answered 2, joined\n");
  // Before a takes leave, of a tunnel that is no longer its own.
  const RunResult at_b = finish("b"), at_a = finish("a");
  EXPECT_EQ(drops_of(at_b, kJoins, DropReason::kUnauthentic), 0u);
  EXPECT_LT(pings(at_a).received, pings(at_a).sent - 5);
}

TEST_F(JoinIsolation, ACopyOfARequestThatWasTakenGetsNoAnswerNorPortNorSession) {
  build("a");
  build("b");
  ChildProcess capture = begin_capture();
  start();
  ASSERT_EQ(capture.wait(), 0) << said();
  const std::set<int> ports = {TunnelHeader::kUdpPort, JoinMessage::kUdpPort};
  EXPECT_EQ(ports_of_b(), ports);
  EXPECT_EQ(intrude({"replay", "eth0", captured(), "10"}), "sent 20, answered 0\n");
  EXPECT_EQ(ports_of_b(), ports);
  const RunResult at_a = finish("a"), at_b = finish("b");
  EXPECT_EQ(drops_of(at_b, kJoins, DropReason::kReplayed), 20u);
  EXPECT_EQ(drops_of(at_b, kTunnel, DropReason::kReplayed), 0u);
  EXPECT_GT(pings(at_a).sent, 20);
  EXPECT_GE(pings(at_a).received, pings(at_a).sent - 1);
}

TEST_F(JoinIsolation, TheSameCopyIsAnsweredWhereItsOriginalNeverCame) {
  AgentClient& a = build("a");
  ChildProcess capture = begin_capture();
  EXPECT_THROW(a.connect(std::chrono::milliseconds(1)), AgentError) << "b is not there";
  ASSERT_EQ(capture.wait(), 0) << said();
  parts_.erase("a");
  AgentClient& b = build("b");
  EXPECT_THROW(b.connect(std::chrono::milliseconds(1)), AgentError) << "it waits for a";
  EXPECT_EQ(intrude({"replay", "eth0", captured(), "1"}), "sent 2, answered 2\n");
}

}  // namespace
}  // namespace violin::testing
