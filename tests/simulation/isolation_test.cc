#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/byte_order.hh"
#include "models/tunnel/tunnel_terminal.hh"
#include "tests/support/node_network.hh"
#include "tests/support/packet_builder.hh"
#include "tests/support/simulation.hh"

// Violins never see each other's frames, whatever they have in common.

namespace violin::testing {
namespace {

// ---- two violins of one scenario ----------------------------------------------------------------

// The same names, addresses, links and workloads, on the same two overlay hosts; only the length of
// the pings tells whose they are.
std::string violin_of(const std::string& name) {
  return "  " + name + R"(:
    nodes:
      h1: { kind: host, place: a }
      s1: { kind: switch, place: a }
      r1: { kind: router, place: b }
      h2: { kind: host, place: b }
    links: [ { endpoints: [h1, s1] }, { endpoints: [s1, r1] }, { endpoints: [r1, h2] } ]
    addressing: { pool: 10.0.0.0/16 }
)";
}

std::string workloads_of(const std::string& name, int ping_size) {
  const std::string ends = "from: " + name + "/h1, to: " + name + "/h2";
  return "  - { name: " + name + ".rtt, ping: { " + ends +
         ", count: 50, interval: 100 ms, size: " + std::to_string(ping_size) +
         " B } }\n  - { name: " + name + ".bulk, tcp: { " + ends + ", size: 300 kB } }\n";
}

std::string two_violins() {
  return R"(violin: 1
name: twins
duration: 20 s
underlay:
  nodes: { a: { kind: host }, b: { kind: host } }
  links: [ { endpoints: [a, b], rate: 10 Mbit/s, delay: 3 ms, loss: 0.5 % } ]
violins:
)" + violin_of("v1") +
         violin_of("v2") + "workloads:\n" + workloads_of("v1", 111) + workloads_of("v2", 222);
}

// Counts frames of given lengths at one interface.
class LengthCount final : public FrameObserver {
 public:
  explicit LengthCount(uint32_t length) : length_(length) {}
  void observe(const Frame& frame, Time, bool) override {
    ++(frame.size() == length_ ? hits : others);
  }
  uint64_t hits = 0;
  uint64_t others = 0;

 private:
  uint32_t length_;
};

constexpr uint32_t kPingHeaders = 14 + 20 + 8;

// Frames as long as the pings of `other` that any node of `violin` saw.
uint64_t pings_seen(Simulation& simulation, const std::string& violin, uint32_t data) {
  std::deque<LengthCount> counts;
  std::vector<Nic*> nics;
  for (size_t i = 0; i < simulation.scenario().nodes.size(); ++i) {
    if (simulation.scenario().nodes[i].plane != violin) continue;
    Node* node = simulation.network().node(static_cast<int>(i));
    for (size_t nic = 0; nic < node->nic_count(); ++nic) {
      nics.push_back(&node->nic(nic));
      nics.back()->set_observer(&counts.emplace_back(kPingHeaders + data));
    }
  }
  simulation.run();
  uint64_t hits = 0;
  for (const LengthCount& count : counts) hits += count.hits;
  for (Nic* nic : nics) nic->set_observer(nullptr);
  return hits;
}

TEST(Isolation, ViolinsWithEqualNamesAndAddressesOnEqualHostsNeverSeeEachOther) {
  Simulation first(two_violins()), second(two_violins());
  EXPECT_EQ(pings_seen(first, "v1", 222), 0u);
  EXPECT_EQ(pings_seen(second, "v2", 111), 0u);
  for (const char* name : {"v1", "v2"}) {
    const auto ping = first.outcome<PingResult>(std::string(name) + ".rtt");
    EXPECT_GT(ping.received, 40) << name;
    EXPECT_EQ(ping.duplicates, 0) << name;
    // The flows of the two have the same ports and addresses, and other bytes.
    const auto tcp = first.outcome<TcpResult>(std::string(name) + ".bulk");
    EXPECT_EQ(tcp.bytes, 300'000) << name;
    EXPECT_EQ(tcp.wrong_bytes, 0) << name;
  }
  for (const NodeResult& node : first.counters().nodes) {
    EXPECT_EQ(node.drops[static_cast<size_t>(DropReason::kWrongSession)], 0u) << node.name;
    EXPECT_EQ(node.drops[static_cast<size_t>(DropReason::kNotForUs)], 0u) << node.name;
  }
}

TEST(Isolation, TheObserversWouldSeeThePingsOfTheirOwnViolin) {
  Simulation simulation(two_violins());  // the control
  EXPECT_GT(pings_seen(simulation, "v1", 111), 400u);
}

// ---- two violins with one MAC address too -------------------------------------------------------

// Hosts a and b carry two violins of two hosts each: addresses, MAC addresses and names are the
// same in both.
class Twins {
 public:
  // `swapped`: the receiving ends of the two violins take each other's sessions.
  explicit Twins(bool swapped) {
    Host& a = network_.host("a");
    Host& b = network_.host("b");
    network_.join(network_.nic(a, "192.168.0.1/24"), network_.nic(b, "192.168.0.2/24"));
    terminals_.push_back(std::make_unique<TunnelTerminal>("a.tunnels", a.udp()));
    terminals_.push_back(std::make_unique<TunnelTerminal>("b.tunnels", b.udp()));
    for (uint64_t violin = 0; violin < 2; ++violin) {
      Nic& left = virtual_host("v/h1", "10.0.0.1/24", 0x0200'0000'0001);
      Nic& right = virtual_host("v/h2", "10.0.0.2/24", 0x0200'0000'0002);
      const uint64_t there = 100 + violin, back = 200 + violin;
      TunnelSpec at_a{.local = ip("192.168.0.1"),
                      .remote = ip("192.168.0.2"),
                      .send_session = there,
                      .receive_session = back};
      TunnelSpec at_b{.local = at_a.remote,
                      .remote = at_a.local,
                      .send_session = back,
                      .receive_session = swapped ? 101 - violin : there};
      attach(left, at_a, a, *terminals_[0], violin);
      attach(right, at_b, b, *terminals_[1], violin);
    }
  }

  NodeNetwork& network() { return network_; }
  Nic& nic(size_t violin, bool right) { return *nics_[2 * violin + (right ? 1 : 0)]; }
  IpNode& left(size_t violin) { return static_cast<IpNode&>(nic(violin, false).node()); }

 private:
  Nic& virtual_host(const std::string& name, const std::string& address, uint64_t mac) {
    NicSpec spec;
    spec.mac = MacAddress::from_bits(mac);
    spec.addresses.push_back(InterfaceAddress::parse(address).value());
    nics_.push_back(&network_.host(name).add_nic(std::move(spec)));
    return *nics_.back();
  }
  void attach(Nic& nic, const TunnelSpec& spec, Host& host, TunnelTerminal& terminal,
              uint64_t violin) {
    ends_.push_back(std::make_unique<TunnelEnd>(
        network_.scheduler, host.name() + std::to_string(violin), spec, host.udp(), nic));
    terminal.attach(*ends_.back());
    nic.connect(ends_.back()->entrance());
  }

  NodeNetwork network_;
  std::vector<std::unique_ptr<TunnelTerminal>> terminals_;
  std::vector<std::unique_ptr<TunnelEnd>> ends_;
  std::vector<Nic*> nics_;
};

// Each violin pings with a length of its own; what the other end of the first one saw of them.
struct Seen {
  uint64_t own = 0;      // frames as long as its own pings
  uint64_t foreign = 0;  // … as those of the other violin
  uint64_t others = 0;   // whatever else
  uint64_t answered = 0;
};
Seen exchange(bool swapped) {
  Twins twins(swapped);
  LengthCount own(kPingHeaders + 111), foreign(kPingHeaders + 222);
  std::vector<std::unique_ptr<Ping>> pings;
  for (size_t violin = 0; violin < 2; ++violin) {
    pings.push_back(
        std::make_unique<Ping>(twins.left(violin), PingSpec{.name = "rtt",
                                                            .target = ip("10.0.0.2"),
                                                            .count = 20,
                                                            .interval = Duration::milliseconds(50),
                                                            .size = violin == 0 ? 111u : 222u}));
    // The other violin first, so that its counters are not taken for replays of ours.
    pings.back()->start(Time::zero() + Duration::seconds(violin == 0 ? 2 : 0));
  }
  // Both observers would want the same interface: one looks at each of the two directions' ends.
  class Both final : public FrameObserver {
   public:
    Both(LengthCount& first, LengthCount& second) : first_(first), second_(second) {}
    void observe(const Frame& frame, Time now, bool outgoing) override {
      first_.observe(frame, now, outgoing);
      second_.observe(frame, now, outgoing);
    }

   private:
    LengthCount& first_;
    LengthCount& second_;
  } both(own, foreign);
  twins.nic(0, true).set_observer(&both);
  twins.network().run_to(Time::zero() + Duration::seconds(5));
  EXPECT_TRUE(twins.network().balanced());
  return {own.hits, foreign.hits, own.others - foreign.hits, pings[0]->received()};
}

TEST(Isolation, ViolinsWithEqualMacAddressesNeverSeeEachOther) {
  const Seen seen = exchange(/*swapped=*/false);
  EXPECT_EQ(seen.own, 40u) << "twenty requests and their answers";
  EXPECT_EQ(seen.foreign, 0u);
  EXPECT_EQ(seen.others, 2u) << "one ARP request, of its own violin, and its answer";
  EXPECT_EQ(seen.answered, 20u);
}

TEST(Isolation, OnlyTheSessionKeepsThemApart) {
  const Seen seen = exchange(/*swapped=*/true);  // the control
  EXPECT_GT(seen.foreign, 0u);
}

}  // namespace
}  // namespace violin::testing
