#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/realtime/run_fixture.hh"

// Two violins of real guests that are made to be confused: the same names, addresses and MAC
// addresses, on the same two overlay hosts, whose own addresses they are too. And a stranger in the
// hosts' network, who sees and sends what he likes. What is shown not to pass is each time shown to
// pass where it should, by the same means.

namespace violin::testing {
namespace {

class RealIsolation : public RunTest {
 protected:
  // The words of an exec workload that runs the intruder.
  static std::string intruder(const std::string& words) {
    return std::string("command: [") + VIOLIN_INTRUDER + ", " + words + "], user: root";
  }
  std::string said_by(const std::string& workload) const {
    return outcome_of<ExecResult>(workload).output;
  }
  uint64_t number_said_by(const std::string& workload) const {
    const std::string text = said_by(workload);
    const size_t digits = text.find_first_of("0123456789");
    if (digits != std::string::npos) return std::stoull(text.substr(digits));
    ADD_FAILURE() << workload << " said: " << text;
    return 0;
  }
  uint64_t drops(const std::string& name, DropReason reason) const {
    return drops_of(result(), name, reason);
  }
  // What came out of tunnels of the violin and was not taken.
  uint64_t refused_by_tunnels(const std::string& violin) const {
    uint64_t sum = 0;
    for (const NodeResult& node : result().nodes) {
      if (!node.name.starts_with(violin + "/") || !node.name.ends_with(".tunnel")) continue;
      sum += total(node.drops) - node.drops[static_cast<size_t>(DropReason::kNoTunnel)];
    }
    return sum;
  }
};

// Both violins have h1 - s1 on alpha ==tunnel== s2 - h2, h3 on beta; h3 is 10.0.0.3 in red and
// 10.0.0.4 in blue.
std::string twins(const std::string& encryption, const std::string& duration,
                  const std::string& workloads) {
  std::string text = "violin: 1\nname: twins\nduration: " + duration + R"(
underlay:
  nodes: { alpha: { kind: host }, beta: { kind: host }, lan: { kind: switch } }
  links:
    - { endpoints: [{ node: alpha, address: 10.0.0.1/24 }, lan], rate: 1 Gbit/s, delay: 1 ms }
    - { endpoints: [{ node: beta,  address: 10.0.0.2/24 }, lan], rate: 1 Gbit/s, delay: 1 ms }
violins:
)";
  for (const auto& [name, third] : {std::pair{"red", "10.0.0.3/24"}, {"blue", "10.0.0.4/24"}}) {
    text += std::string("  ") + name + ":\n    encryption: " + encryption + R"(
    nodes:
      h1: { kind: host,   place: alpha }
      s1: { kind: switch, place: alpha }
      s2: { kind: switch, place: beta }
      h2: { kind: host,   place: beta }
      h3: { kind: host,   place: beta }
    links:
      - { endpoints: [s1, s2] }
      - { endpoints: [{ node: h1, address: 10.0.0.1/24 }, s1] }
      - { endpoints: [{ node: h2, address: 10.0.0.2/24 }, s2] }
      - { endpoints: [{ node: h3, address: )" +
            third + " }, s2] }\n";
  }
  return text + "workloads:\n" + workloads;
}

// All that stands for the same in both is the same station too.
std::string equal_stations() {
  std::string text;
  for (const std::string violin : {"red", "blue"}) {
    for (const std::string number : {"1", "2", "3"}) {
      text += "  - { name: " + violin + "_mac" + number + ", exec: { node: " + violin + "/h" +
              number + ", command: [ip, link, set, eth0, address, \"02:00:00:00:00:0" + number +
              "\"], user: root } }\n";
    }
  }
  return text;
}

TEST_F(RealIsolation, AScanFindsTheHostsOfItsOwnNetworkOnly) {
  const std::string words = intruder("scan, eth0, 10.0.0.1, 40");
  const Outcome ran =
      run(twins("aes-256-gcm", "3 s",
                equal_stations() + "  - { name: red,   exec: { node: red/h1, at: 500 ms, " + words +
                    " } }\n  - { name: blue,  exec: { node: blue/h1, at: 500 ms, " + words +
                    " } }\n  - { name: below, exec: { node: underlay/alpha, at: 500 ms, " + words +
                    " } }\n"));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(said_by("red"), "10.0.0.2 10.0.0.3\n");
  EXPECT_EQ(said_by("blue"), "10.0.0.2 10.0.0.4\n");
  EXPECT_EQ(said_by("below"), "10.0.0.2\n");
}

// Red shouts; listeners stand everywhere.
std::string shouting() {
  std::string text = equal_stations();
  for (const char* where :
       {"red/h2", "blue/h1", "blue/h2", "blue/h3", "underlay/alpha", "underlay/beta"}) {
    std::string name = where;
    name[name.find('/')] = '_';
    text += "  - { name: " + name + ", exec: { node: " + where +
            ", at: 300 ms, command: [" VIOLIN_INTRUDER
            ", listen, eth0, the-red-secret, 2000], user: root } }\n";
  }
  return text + "  - { name: red, exec: { node: red/h1, at: 1 s, command: [" VIOLIN_INTRUDER
                ", spray, eth0, the-red-secret, 50], user: root } }\n"
                "  - { name: calm, ping: { from: blue/h1, to: blue/h2, at: 1 s, count: 50, "
                "interval: 20 ms } }\n";
}

TEST_F(RealIsolation, NothingThatAHostSendsIsHeardOutsideOfItsNetwork) {
  const Outcome ran = run(twins("aes-256-gcm", "3 s", shouting()));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(said_by("red"), "sent 300\n");
  EXPECT_GE(number_said_by("red_h2"), 250u) << "all but what was sent to a station that is not";
  for (const char* elsewhere :
       {"blue_h1", "blue_h2", "blue_h3", "underlay_alpha", "underlay_beta"}) {
    EXPECT_EQ(said_by(elsewhere), "heard 0\n") << elsewhere;
  }
  EXPECT_EQ(outcome_of<PingResult>("calm").received, 50);
  EXPECT_EQ(outcome_of<PingResult>("calm").duplicates, 0);
}

TEST_F(RealIsolation, WithoutEncryptionTheNetworkBelowReadsAllAndTheOtherViolinStillNothing) {
  const Outcome ran = run(twins("none", "3 s", shouting()));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  for (const char* below : {"underlay_alpha", "underlay_beta"}) {
    EXPECT_GE(number_said_by(below), 1u) << below;
  }
  for (const char* elsewhere : {"blue_h1", "blue_h2", "blue_h3"}) {
    EXPECT_EQ(said_by(elsewhere), "heard 0\n") << elsewhere;
  }
}

// Something that a stranger at alpha's interface tries on beta's ports.
std::string attack(const std::string& name, const std::string& at, const std::string& words) {
  return "  - { name: " + name + ", exec: { node: underlay/alpha, at: " + at +
         ", command: [" VIOLIN_INTRUDER ", " + words + "], user: root } }\n";
}

std::string pings_of_red(int count) {
  return "  - { name: rtt, ping: { from: red/h1, to: red/h2, count: " + std::to_string(count) +
         ", interval: 20 ms } }\n";
}

TEST_F(RealIsolation, ATunnelTakesNothingFromAStrangerAndCountsWhatHeSends) {
  const Outcome ran = run(twins("chacha20-poly1305", "5 s",
                                pings_of_red(200) + attack("replay", "200 ms", "replay, eth0, 20") +
                                    attack("flip", "1500 ms", "flip, eth0") +
                                    attack("forge", "2 s", "forge, eth0, 100") +
                                    attack("guess", "2500 ms", "guess, 10.0.0.2, 200") +
                                    attack("noise", "3 s", "noise, 10.0.0.2, 52004, 200") +
                                    attack("babble", "3500 ms", "noise, 10.0.0.2, 52005, 200") +
                                    attack("join", "4 s", "join, 10.0.0.2, 10")));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  const std::string tunnel = "red/s1--s2.s2->s1.tunnel", port = "underlay/beta.tunnels";
  constexpr uint64_t kSessionBytes = 8;
  EXPECT_EQ(said_by("replay"), "sent 20\n");
  EXPECT_EQ(drops(tunnel, DropReason::kReplayed), 20u);
  const uint64_t flipped = number_said_by("flip");
  EXPECT_GT(flipped, 100u);
  EXPECT_EQ(said_by("forge"), "sent 100\n");
  // What a flipped bit makes of the header may be no header at all, and then it is nobody's.
  EXPECT_GE(drops(tunnel, DropReason::kUnauthentic), flipped - kSessionBytes - 8 + 100);
  EXPECT_EQ(said_by("guess"), "sent 200, answered 0\n");
  EXPECT_EQ(said_by("noise"), "sent 200, answered 0\n");
  EXPECT_EQ(drops(tunnel, DropReason::kUnauthentic) + drops(port, DropReason::kWrongSession) +
                drops(port, DropReason::kMalformed),
            flipped + 100 + 200 + 200);
  EXPECT_GE(drops(port, DropReason::kWrongSession), kSessionBytes + 200);
  EXPECT_EQ(said_by("babble"), "sent 200, answered 0\n");
  EXPECT_EQ(drops("underlay/beta.joins", DropReason::kMalformed), 200u);
  EXPECT_EQ(said_by("join"), "sent 10, answered 0\n");
  EXPECT_EQ(drops("underlay/beta.joins", DropReason::kUnauthentic), 10u);
  EXPECT_EQ(outcome_of<PingResult>("rtt").received, 200);
  EXPECT_EQ(outcome_of<PingResult>("rtt").duplicates, 0);
  EXPECT_EQ(refused_by_tunnels("blue"), 0u);
}

// The control: by the same hand and the same way, but where nothing is authenticated.
TEST_F(RealIsolation, APlainTunnelTakesAForgedDatagramOfTheRightSession) {
  const Outcome ran = run(twins("none", "4 s",
                                pings_of_red(150) + attack("replay", "200 ms", "replay, eth0, 20") +
                                    attack("forge", "1500 ms", "forge, eth0, 100")));
  ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
  EXPECT_EQ(said_by("forge"), "sent 100\n");
  EXPECT_GE(outcome_of<PingResult>("rtt").duplicates, 90) << "each was answered as a ping";
  const std::string tunnel = "red/s1--s2.s2->s1.tunnel";
  EXPECT_EQ(drops(tunnel, DropReason::kUnauthentic), 0u);
  EXPECT_GE(drops(tunnel, DropReason::kReplayed), 20u)
      << "what was sent before is known all the same";
  EXPECT_EQ(refused_by_tunnels("blue"), 0u);
}

// With a counter beyond all others: what the tunnel itself sends is older from then on.
TEST_F(RealIsolation, OneForgedDatagramEndsWhatAPlainTunnelCarriesAndNothingOfASealedOne) {
  for (const std::string encryption : {"none", "aes-256-gcm"}) {
    const Outcome ran = run(
        twins(encryption, "3 s", pings_of_red(100) + attack("silence", "500 ms", "silence, eth0")));
    ASSERT_EQ(ran.status, 0) << ran.output << ran.error;
    EXPECT_EQ(said_by("silence"), "sent 1\n");
    const std::string tunnel = "red/s1--s2.s2->s1.tunnel";
    if (encryption == "none") {
      EXPECT_LT(outcome_of<PingResult>("rtt").received, 70);
      EXPECT_GE(drops(tunnel, DropReason::kReplayed), 30u);
      EXPECT_EQ(drops(tunnel, DropReason::kUnauthentic), 0u);
    } else {
      EXPECT_EQ(outcome_of<PingResult>("rtt").received, 100);
      EXPECT_EQ(drops(tunnel, DropReason::kUnauthentic), 1u);
    }
    EXPECT_EQ(refused_by_tunnels("blue"), 0u);
  }
}

}  // namespace
}  // namespace violin::testing
