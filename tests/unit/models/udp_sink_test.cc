#include "models/workload/udp_sink.hh"

#include <gtest/gtest.h>

#include "models/workload/udp_source.hh"
#include "tests/support/node_network.hh"

namespace violin {
namespace {

using namespace literals;
using testing::ip;
using testing::NodeNetwork;

//     h1 ── 5 ms ── h2
class UdpWorkloadTest : public ::testing::Test {
 protected:
  UdpWorkloadTest() { h1.add_static_neighbour(h1.nic(0), ip("10.0.0.2"), h2.nic(0).mac()); }
  UdpSourceSpec source_spec() {
    UdpSourceSpec spec;
    spec.name = "flow";
    spec.target = ip("10.0.0.2");
    spec.size = 1'000;
    spec.rate = BitRate::megabits_per_second(8);  // a datagram per millisecond
    return spec;
  }
  // A datagram with this number that arrives now, sent `age` ago.
  void give(uint64_t sequence, Duration age = 5_ms) {
    Frame data = h1.new_frame();
    UdpDatagramHeader{sequence, network.now() - age}.write(data.append(UdpDatagramHeader::kSize));
    data.set_payload(Payload::of_stream(1, 0, 84));
    h2.udp().send(std::move(data), {ip("10.0.0.2"), 9, ip("10.0.0.2"), 5'001}, {}, network.now());
    network.run_for(IpNode::kLoopbackDelay);
  }

  NodeNetwork network;
  Host& h1 = network.host("h1");
  Host& h2 = network.host("h2");
  NodeNetwork::Pair cable =
      network.join(network.nic(h1, "10.0.0.1/24"), network.nic(h2, "10.0.0.2/24"), 5_ms);
};

TEST_F(UdpWorkloadTest, SendsAtTheRateAndMeasuresTheOneWayDelay) {
  UdpSource source(h1, source_spec());
  UdpSink sink(h2, {.name = "flow", .window = {Time::zero() + 100_ms, Time::zero() + 200_ms}});
  source.start(network.now(), network.now() + 1_s);
  network.run_for(2_s);
  EXPECT_EQ(source.sent(), 1'000u);
  EXPECT_EQ(sink.received(), 1'000u);
  EXPECT_EQ(sink.bytes(), 1'000'000u);
  EXPECT_EQ(sink.window_bytes(), 100'000u);
  ASSERT_EQ(sink.delays().size(), 100u);
  for (Duration delay : sink.delays()) EXPECT_EQ(delay, 5_ms);
  EXPECT_EQ(sink.jitter(), 0_ns);
  EXPECT_EQ(sink.lost() + sink.duplicates() + sink.reordered(), 0u);
  EXPECT_TRUE(network.balanced());
}

TEST_F(UdpWorkloadTest, CarriesTheRemainderOfAGapThatIsNoWholeNumberOfNanoseconds) {
  UdpSourceSpec spec = source_spec();
  spec.size = 16;
  spec.rate = BitRate::megabits_per_second(3'000);
  UdpSource source(h1, spec);
  // A gap of 42 2/3 ns: with each one rounded up there would be 23 256.
  source.start(network.now(), network.now() + 1_ms);
  network.run_for(1_s);
  EXPECT_EQ(source.sent(), 23'438u);
}

TEST_F(UdpWorkloadTest, SendsAPoissonProcessOfTheSameMeanRate) {
  UdpSourceSpec spec = source_spec();
  spec.poisson = true;
  UdpSource source(h1, spec);
  UdpSink sink(h2, {.name = "flow", .window = {}});
  source.start(network.now(), network.now() + 100_s);
  network.run_for(101_s);
  // 100 000 expected; five standard deviations are 1 581.
  EXPECT_NEAR(static_cast<double>(source.sent()), 100'000, 1'581);
  EXPECT_EQ(sink.received(), source.sent());
}

TEST_F(UdpWorkloadTest, CountsGapsAsLossesUntilTheNumberComesAfterAll) {
  UdpSink sink(h2, {.name = "flow", .window = {}});
  for (uint64_t sequence : {0, 1, 4, 5}) give(sequence);
  EXPECT_EQ(sink.lost(), 2u);
  give(3);
  EXPECT_EQ(sink.lost(), 1u);
  EXPECT_EQ(sink.reordered(), 1u);
  give(3);
  EXPECT_EQ(sink.duplicates(), 1u);
  EXPECT_EQ(sink.received(), 5u);
}

TEST_F(UdpWorkloadTest, RemembersTheLast65536Numbers) {
  UdpSink sink(h2, {.name = "flow", .window = {}});
  give(0);
  give(1);
  give(UdpSink::kHistory);
  give(1);
  EXPECT_EQ(sink.duplicates(), 1u);
  give(2);
  EXPECT_EQ(sink.reordered(), 1u);
  give(2 * UdpSink::kHistory);  // the ring is used again: old entries must not show through
  give(UdpSink::kHistory + 2);
  EXPECT_EQ(sink.duplicates(), 1u);
  EXPECT_EQ(sink.reordered(), 2u);
}

TEST_F(UdpWorkloadTest, ComputesJitterAsRfc3550) {
  UdpSink sink(h2, {.name = "flow", .window = {}});
  give(0, 5_ms);
  give(1, 21_ms);  // |D| = 16 ms: J = 1 ms
  EXPECT_EQ(sink.jitter(), 1_ms);
  give(2, 21_ms);  // |D| = 0: J = 15/16 ms
  EXPECT_EQ(sink.jitter(), 937'500_ns);
}

TEST_F(UdpWorkloadTest, RefusesDatagramsThatAreNotOfASource) {
  UdpSink sink(h2, {.name = "flow", .window = {}});
  Frame data = h1.new_frame();
  data.append(15);
  h2.udp().send(std::move(data), {ip("10.0.0.2"), 9, ip("10.0.0.2"), 5'001}, {}, network.now());
  network.run_for(1_s);
  give(0, -1_s);  // from the future
  EXPECT_EQ(sink.malformed(), 2u);
  EXPECT_EQ(sink.received(), 0u);
}

}  // namespace
}  // namespace violin
