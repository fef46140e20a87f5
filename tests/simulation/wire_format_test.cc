#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/simulation.hh"
#include "tests/support/temporary_folder.hh"
#include "tests/support/tshark.hh"

// An independent reader of our packets: tshark, with every checksum verified, finds nothing
// malformed in what the models put on the wire. Skipped by name where there is no tshark.

namespace violin::testing {
namespace {

class WireFormat : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_tshark()) GTEST_SKIP() << "tshark is not installed";
  }
  size_t lines(const std::string& capture, const std::string& arguments) const {
    const auto text = tshark(folder_.path() / capture, arguments);
    EXPECT_TRUE(text.has_value()) << "tshark failed on " << capture;
    return text ? static_cast<size_t>(std::count(text->begin(), text->end(), '\n')) : 0;
  }
  size_t packets(const std::string& capture, const std::string& filter) const {
    return lines(capture, "-Y '" + filter + "'");
  }
  TemporaryFolder folder_;
};

// TCP of all sorts with loss, SACK, ECN marks and reordering; UDP and pings in fragments; ARP; ICMP
// errors; everything again inside of tunnels, plain and encrypted.
constexpr const char* kScenario = R"(violin: 1
name: formats
duration: 12 s
underlay:
  nodes: { a: { kind: host }, r1..r2: { kind: router }, b: { kind: host } }
  links:
    - { endpoints: [a, r1], rate: 20 Mbit/s, delay: 2 ms }
    - { endpoints: [r2, b], rate: 20 Mbit/s, delay: 2 ms }
    - { endpoints: [r1, r2], rate: 8 Mbit/s, delay: 5 ms, loss: 0.5 %, queue: { kind: fq_codel, ecn: true }, mtu: 1400 }
violins:
  v1:
    encryption: aes-256-gcm
    nodes: { h1: { kind: host, place: a }, s1: { kind: switch, place: a }, r1: { kind: router, place: b }, h2: { kind: host, place: b } }
    links:
      - { endpoints: [h1, s1], rate: 100 Mbit/s }
      - { endpoints: [s1, r1] }
      - { endpoints: [r1, h2], rate: 6 Mbit/s, delay: 2 ms, mtu: 1200, queue: { kind: codel, ecn: true }, reorder: { percent: 1 %, gap: 3 }, duplicate: 0.5 % }
  v2:
    nodes: { h1: { kind: host, place: a }, h2: { kind: host, place: b } }
    links: [ { endpoints: [h1, h2] } ]
workloads:
  - { name: big, ping: { from: v1/h1, to: v1/h2, count: 20, interval: 200 ms, size: 5000 B } }
  - { name: way, traceroute: { from: v1/h1, to: v1/h2, at: 1 s } }
  - { name: ecn, tcp: { from: v1/h1, to: v1/h2, at: 2 s, duration: 6 s, ecn: true } }
  - { name: back, tcp: { from: v1/h2, to: v1/h1, at: 2 s, size: 300 kB, timestamps: false } }
  - { name: bare, tcp: { from: underlay/a, to: underlay/b, at: 3 s, size: 500 kB, sack: false, congestion: newreno } }
  - { name: long, udp: { from: v2/h1, to: v2/h2, at: 1 s, rate: 500 kbit/s, size: 3000 B, duration: 5 s } }
capture: [ v1/h1:eth0, v1/h2:eth0, v2/h2:eth0, underlay/a:eth0, underlay/b:eth0 ]
)";

TEST_F(WireFormat, TsharkFindsNothingMalformed) {
  Simulation simulation(kScenario, {.captures = folder_.path()});
  simulation.run();
  for (const char* capture : {"v1.h1.eth0.pcap", "v1.h2.eth0.pcap", "v2.h2.eth0.pcap",
                              "underlay.a.eth0.pcap", "underlay.b.eth0.pcap"}) {
    EXPECT_EQ(lines(capture, kTsharkFaults), 0u)
        << capture << ":\n"
        << tshark(folder_.path() / capture, kTsharkFaults).value_or("").substr(0, 2000);
  }
  // What was to be looked at was there.
  const std::string inner = "v1.h2.eth0.pcap", outer = "underlay.b.eth0.pcap";
  EXPECT_GT(packets(inner, "tcp.options.sack_le"), 0u);
  EXPECT_GT(packets(inner, "ip.dsfield.ecn == 3"), 0u);
  EXPECT_GT(packets(inner, "tcp.flags.cwr == 1 && tcp.len > 0"), 0u);
  EXPECT_GT(packets(inner, "tcp.analysis.retransmission"), 0u);
  EXPECT_GT(packets(inner, "ip.flags.mf == 1"), 20u);
  EXPECT_GT(packets(inner, "arp"), 1u);
  EXPECT_GT(packets("v1.h1.eth0.pcap", "icmp.type == 11"), 1u);
  EXPECT_GT(packets("underlay.a.eth0.pcap", "icmp.type == 3 && icmp.code == 4"), 0u);
  EXPECT_GT(packets("v2.h2.eth0.pcap", "ip.frag_offset > 0"), 20u);
  EXPECT_GT(packets(outer, "udp.port == 52004"), 1000u);
  EXPECT_GT(packets(outer, "tcp.port == 5001"), 100u);
}

TEST_F(WireFormat, TsharkWouldFindAFlippedBit) {
  // The control: a bit of some segments on their way, and the capture of the receiver says so.
  Simulation simulation(
      "violin: 1\nname: flipped\nduration: 5 s\nviolins:\n  v1:\n"
      "    nodes: { h1..h2: { kind: host } }\n"
      "    links: [ { endpoints: [h1, h2], delay: 1 ms, corrupt: 20 % } ]\n"
      "workloads: [ { name: w, tcp: { from: v1/h1, to: v1/h2, size: 100 kB } } ]\n"
      "capture: [ v1/h2:eth0 ]\n",
      {.captures = folder_.path()});
  simulation.run();
  EXPECT_GT(simulation.wire("v1/h1--h2").counters().corrupted, 5u);
  EXPECT_GT(lines("v1.h2.eth0.pcap", kTsharkFaults), 0u);
}

}  // namespace
}  // namespace violin::testing
